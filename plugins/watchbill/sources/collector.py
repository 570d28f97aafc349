"""Python's garbage collector, and why it waits while an answer is read.

An answer is thousands of small lists and objects without a cycle among them, which go as soon as they are read. Making
them sets the collector off again and again, through every module that is loaded: a fifth of a live request's CPU.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No collection inside. What is inside is short and bounded: one request, 100,800 points at most."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
