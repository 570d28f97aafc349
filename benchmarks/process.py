"""A stage or a side in a process of its own: `python -m benchmarks.process stage|side …`.

A stage prints what it gives as one line of JSON and stands until its standard input is closed, so that it ends
with whoever started it. A side prints its figures as one line of JSON.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import structlog

from benchmarks.benchmark import measure
from benchmarks.catalogue import BENCHMARKS


def stage(name: str, folder: str, size: str) -> None:
    with BENCHMARKS[name].stage(Path(folder), json.loads(size)) as given:
        print(json.dumps(given), flush=True)
        sys.stdin.read()


def side(name: str, which: str, folder: str, given: str) -> None:
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - events are written, as in a task, but not among the figures
        structlog.configure([structlog.processors.JSONRenderer()], logger_factory=structlog.PrintLoggerFactory(nowhere))
        figures = measure(BENCHMARKS[name].sides[which](json.loads(given), Path(folder)))
    print(json.dumps(asdict(figures)), flush=True)


if __name__ == "__main__":
    kind, *arguments = sys.argv[1:]
    stage(*arguments) if kind == "stage" else side(*arguments)
