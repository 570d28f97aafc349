"""Benchmark -> rows: runs every side in turn, each time in a new process, and takes medians."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.benchmark import Benchmark, Given

ROOT = Path(__file__).parent.parent
_COMMAND = [sys.executable, "-m", "benchmarks.process"]
_MOST_S = 600  # for one side, many times what it takes


@dataclass(frozen=True)
class Row:
    """One side's medians, and what they are of the baseline's."""

    benchmark: str
    title: str
    turn: str
    side: str
    baseline: str
    points: int
    turns: int
    cpu_s: float
    cpu_s_per_1m_points: float
    cpu_ratio: float
    peak_bytes: int
    peak_ratio: float
    runs: tuple[dict[str, Any], ...]  # the figures of each
    facts: Mapping[str, str] = field(default_factory=dict)  # of the run in the middle


class Incomparable(Exception):
    """Two sides left different results behind, so that their figures mean nothing together."""


def run(benchmark: Benchmark, *, runs: int = 3, tiny: bool = False,
        tell: Callable[[str], object] = lambda _: None) -> list[Row]:
    """Raises Incomparable, and CalledProcessError where a side fails (its own words are on standard error)."""
    figures: dict[str, list[dict[str, Any]]] = {side: [] for side in benchmark.sides}
    size = benchmark.tiny if tiny else benchmark.full
    with tempfile.TemporaryDirectory(prefix="watchbill-bench-") as folder, _stage(benchmark, folder, size) as given:
        for number in range(1, runs + 1):
            for side, of_side in figures.items():  # in turn, so that a busy minute meets all of them
                tell(f"{benchmark.name}: {side}, run {number} of {runs}")
                of_side.append(_side(benchmark, side, given))
    return compare(benchmark, figures)


def compare(benchmark: Benchmark, figures: Mapping[str, Sequence[dict[str, Any]]]) -> list[Row]:
    """The medians of each side's runs beside those of the baseline. Raises Incomparable."""
    outcomes = {one["outcome"] for of_side in figures.values() for one in of_side}
    if len(outcomes) > 1:
        raise Incomparable(f"{benchmark.name}: the sides came to different results: {', '.join(sorted(outcomes))}")
    cpu_s = {side: median(one["cpu_s"] for one in of_side) for side, of_side in figures.items()}
    peak = {side: median(one["peak_bytes"] for one in of_side) for side, of_side in figures.items()}
    return [
        Row(benchmark.name, benchmark.title, benchmark.turn, side, benchmark.baseline,
            points=of_side[0]["points"], turns=of_side[0]["turns"],
            cpu_s=cpu_s[side], cpu_s_per_1m_points=cpu_s[side] / of_side[0]["points"] * 1e6,
            cpu_ratio=cpu_s[side] / cpu_s[benchmark.baseline],
            peak_bytes=int(peak[side]), peak_ratio=peak[side] / peak[benchmark.baseline], runs=tuple(of_side),
            facts=sorted(of_side, key=lambda one: one["cpu_s"])[len(of_side) // 2].get("facts", {}))
        for side, of_side in figures.items()
    ]


@contextmanager
def _stage(benchmark: Benchmark, folder: str, size: dict[str, int]) -> Iterator[Given]:
    with subprocess.Popen([*_COMMAND, "stage", benchmark.name, folder, json.dumps(size)], cwd=ROOT,
                          env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        try:
            line = process.stdout.readline()
            if not line:
                raise subprocess.CalledProcessError(process.wait(), process.args)
            yield json.loads(line)
        finally:
            process.stdin.close()


def _side(benchmark: Benchmark, side: str, given: Given) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="watchbill-bench-") as folder:
        command = [*_COMMAND, "side", benchmark.name, side, folder, json.dumps(given)]
        done = subprocess.run(command, cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, check=True,
                              timeout=_MOST_S)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _environment() -> dict[str, str]:
    """The same project from wherever it is called; and no proxy on the way to this machine."""
    return {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
