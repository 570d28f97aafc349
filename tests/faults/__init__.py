"""Processes that are killed, channels that fail and databases that go away: what was due, told, told twice and lost.

`python -m tests.faults` (or `make soak`) does it at random for as long as it is told to.
"""
