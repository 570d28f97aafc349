"""What a benchmark is: sides that do the same work, each in a process of its own, and one is the baseline.

This module and the top of every benchmark's stay light: a side's process loads what that side uses, no more.
"""

import resource
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psutil

Size = dict[str, int]
Given = dict[str, Any]
"""What the stage hands to the sides, as JSON: an address, a folder, the size."""


@dataclass(frozen=True)
class Work:
    """One side, set up and ready."""

    turn: Callable[[int], int]  # does its n-th turn; how many points went through
    turns: int  # that are measured, from 1; turn 0 is done before, for all that is loaded and cached once
    outcome: Callable[[], str]  # what came of it, the same for every side; raises ValueError where it is wrong
    warm_up: bool = True  # whether turn 0 is done; not where the first time is what is measured
    facts: Callable[[], dict[str, str]] = dict  # what else is to be told of it, by heading
    servers: Sequence[int] = ()  # ids of processes that work for this side: they and what they start are counted too
    is_driver: bool = False  # whether this process only drives the servers, and is not counted


Side = Callable[[Given, Path], Work]
"""The folder is the side's own, and empty."""


@dataclass(frozen=True)
class Benchmark:
    """A thing that is measured: a row of the table for each side."""

    name: str
    title: str
    turn: str  # what one turn is
    baseline: str  # one of the sides
    sides: Mapping[str, Side]
    stage: Callable[[Path, Size], AbstractContextManager[Given]]  # what all sides find there; not measured
    full: Size
    tiny: Size
    grows: bool = False  # sides do the same for ever more points, rather than for the same points


@dataclass(frozen=True)
class Figures:
    """Of one side in one run."""

    points: int
    turns: int
    cpu_s: float  # user and system, all threads
    peak_bytes: int  # of the process, with its interpreter and all that it loaded
    outcome: str
    facts: dict[str, str] = field(default_factory=dict)


def measure(work: Work) -> Figures:
    """Does the work. The outcome is looked at when the measuring is over."""
    if work.warm_up:
        work.turn(0)
    before_s = _cpu_s(work)
    points = sum(work.turn(number) for number in range(1, work.turns + 1))
    cpu_s, peak_bytes = _cpu_s(work) - before_s, _peak_bytes(work)
    return Figures(points, work.turns, cpu_s, peak_bytes, work.outcome(), work.facts())


def _cpu_s(work: Work) -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return sum(map(cpu_s_of, work.servers)) + (0 if work.is_driver else used.ru_utime + used.ru_stime)


def cpu_s_of(pid: int) -> float:
    """Of a process and of those it started, with those that have ended."""
    return sum(sum(one.cpu_times()[:4]) for one in _family(pid))


def _peak_bytes(work: Work) -> int:
    """Shared memory counts in each process that uses it."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    servers = sum(one.memory_info().rss for pid in work.servers for one in _family(pid))
    return servers + (0 if work.is_driver else own)


def _family(pid: int) -> "list[psutil.Process]":
    import psutil

    one = psutil.Process(pid)
    return [one, *one.children(recursive=True)]
