"""Rows -> a table for a terminal, or JSON for a program."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from itertools import groupby

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.run import Row

_PACKAGES = ("boto3", "datadog-api-client", "duckdb", "pyarrow", "SQLAlchemy")
_COLUMNS = (("CPU s / 1M points", 17), ("of baseline", 11), ("CPU ms a turn", 13), ("peak MiB", 8), ("of baseline", 11),
            ("points", 11))
_LEAST_WIDTH = 120  # of a table that is read in a file
_FACT_WIDTH = 14


def show(rows: Sequence[Row], console: Console | None = None) -> None:
    """A table for each benchmark; ratios are of its baseline, whose own is 1."""
    console = console or Console(highlight=False)
    if not console.is_terminal:
        facts = max((len(row.facts) for row in rows), default=0)
        console.width = max(console.width, _LEAST_WIDTH + _FACT_WIDTH * facts)
    for title, found in groupby(rows, key=lambda row: f"{row.title}. A turn: {row.turn}"):
        sides = list(found)
        table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("", width=30)
        for heading, width in _COLUMNS:
            table.add_column(heading, justify="right", width=width)
        for heading in sides[0].facts:
            table.add_column(heading, justify="right", width=_FACT_WIDTH - 2)
        for row in sides:
            table.add_row(*_cells(row), *row.facts.values())
        console.print(table)
    console.print(_about())


def _cells(row: Row) -> list[str]:
    name = f"{row.side} (baseline)" if row.side == row.baseline else row.side
    return [name, f"{row.cpu_s_per_1m_points:.2f}", f"{row.cpu_ratio:.3g}", f"{row.cpu_s / row.turns * 1000:,.1f}",
            f"{row.peak_bytes / 2**20:.0f}", f"{row.peak_ratio:.2f}", f"{row.points:,}"]


def as_json(rows: Sequence[Row]) -> str:
    """One object: `rows`, and what they were measured with."""
    return json.dumps({"rows": [asdict(row) for row in rows], "python": platform.python_version(),
                       "machine": platform.machine(), "cpus": os.cpu_count(), "packages": _versions()}, indent=2)


def _about() -> str:
    packages = ", ".join(f"{name} {number}" for name, number in _versions().items())
    return f"Medians, CPU is user + system. Python {platform.python_version()}, {os.cpu_count()} CPUs; {packages}"


def _versions() -> dict[str, str]:
    return {name: version(name) for name in _PACKAGES}
