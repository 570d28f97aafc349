"""From the lake's points to the lines of a widget: which series, on which steps of time, and what is computed of them.
"""
