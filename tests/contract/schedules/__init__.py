"""Machinery of tests/contract/test_any_schedule.py: a cloud whose past changes, runs that die, and what must hold."""
