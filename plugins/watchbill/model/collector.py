"""Python's garbage collector, and why it waits while an answer or a folder of declarations is read.

Each is thousands of small lists and objects without a cycle among them. Making them sets the collector off again and
again, through every module that is loaded: a fifth of a live request's CPU, and half of that of a check.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No collection inside. What is inside is short and bounded: one request of 100,800 points at most, one check."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
