"""The C library's memory, and why what an answer took is kept for the next one.

glibc gives freed memory back to the kernel where it is much, and an answer with its columns is. It comes again page by
page, each of them cleared first: of answers that follow each other, a fifth of the CPU.
"""

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h
_KEPT_BYTES = 64 << 20  # some ten times what a request of 100,800 points takes
_LARGE_BYTES = 32 << 20  # the most that it may be; what is larger goes back at once


@cache
def keep_freed() -> None:
    """Once is for the process. Where the C library is another one, there is nothing to do."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
    mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
