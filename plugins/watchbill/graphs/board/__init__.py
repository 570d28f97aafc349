"""Paints a whole dashboard as one picture: a Sheet of cells goes in, the bytes of a PNG or SVG come out."""
