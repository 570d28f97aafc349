"""Draws series with their threshold and firing spans: a Graph goes in, the bytes of a PNG or SVG come out."""
