"""Ctrl-C, `kill`, a closed terminal or pipe: each ends a run, at a moment that the run knows of.

An exception out of a signal's handler may come between starting a process and noting it, and is lost in a
destructor or a callback. So the handler only takes note, and whoever waits asks.
"""

import os
import select
import signal
import sys
import threading
import time
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ONE_S = 2  # `make`, a shell and a terminal may each send one for the same Ctrl-C


class _State:
    heard_at: float | None = None


def listen() -> None:
    """From now on `check` tells of signals. One that is ignored already stays so: `nohup make run &` means it."""
    _State.heard_at = None
    for each in SIGNALS:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _hear)
    threading.Thread(target=_watch, args=(sys.stdout.fileno(),), daemon=True).start()


def check() -> None:
    """Raises KeyboardInterrupt after a signal. To be called about every second while something is waited for."""
    if _State.heard_at is not None:
        raise KeyboardInterrupt


def ignore() -> None:
    """For the time of ending things."""
    _State.heard_at = None
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)


def _hear(_: int, __: FrameType | None) -> None:
    now, before = time.monotonic(), _State.heard_at
    _State.heard_at = now
    if before is not None and now - before > ONE_S:
        raise KeyboardInterrupt  # nobody asked in all that time


def _watch(output: int) -> None:
    """A terminal's end is told to the leader of its session only, which may be a `make` that keeps it to itself."""
    reader = select.poll()
    reader.register(output, 0)
    if any(happened & (select.POLLHUP | select.POLLERR) for _, happened in reader.poll()):
        os.kill(os.getpid(), signal.SIGHUP)
