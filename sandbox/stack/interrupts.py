"""Ctrl-C, `kill` and a closed terminal: each ends a run once, and never between starting a process and noting it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _State:
    holders = 0
    waiting = False


def listen() -> None:
    """From now on the first of the signals raises KeyboardInterrupt in the main thread; others are ignored.

    One that is ignored already stays so: `nohup make run &` means it.
    """
    _State.waiting = False
    for each in SIGNALS:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _hear)


def ignore() -> None:
    """For the time of ending things."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)


@contextmanager
def held() -> Iterator[None]:
    """A signal that comes inside is heard at its end."""
    _State.holders += 1
    try:
        yield
    finally:
        _State.holders -= 1
        if _State.waiting and not _State.holders:
            _State.waiting = False
            _interrupt()


def _hear(_: int, __: FrameType | None) -> None:
    if _State.holders:
        _State.waiting = True
    else:
        _interrupt()


def _interrupt() -> None:
    ignore()
    raise KeyboardInterrupt
