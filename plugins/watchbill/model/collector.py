"""Python's garbage collector, and why it waits while an answer, a folder of declarations or our own code is read.

Each is thousands of small lists and objects that stay. Making them sets the collector off again and again, through
every module that is loaded: a fifth of a live request's CPU, half of a check's, and a tenth of a command's start.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No collection inside. That is short and bounded: a request of 100,800 points, a check, imports, a dispatch."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def frozen() -> Iterator[None]:
    """Inside, collections pass over all that there was before: for what is long, and whose own cycles must not stay."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
