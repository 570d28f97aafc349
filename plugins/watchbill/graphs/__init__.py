"""Draws: series with their threshold and firing spans (`draw`, from a Graph), and whole dashboards (`board`, from a
Sheet). What a dashboard's lines are is worked out in `lines`. Plain values go in, the bytes of a PNG or SVG come out.
"""
