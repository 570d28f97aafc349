"""A recorded metric on its way through the house: what its file says, and the flows that bring it into a lake.

Nothing here knows the sandbox's rules or the lake's: the reduction is made of the file's rows alone.
"""

import csv
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sandbox.credentials import AWS_ACCOUNT, AWS_REGION
from tests.targets import CLOUDWATCH
from watchbill.flows.backfill_metrics import plan_backfill, verify_backfill
from watchbill.flows.collect_metrics import collect_share, finish_collection, planned_shares
from watchbill.flows.plan_collection import Reader, plan_collection
from watchbill.lake.lake import Lake
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources import cloudwatch
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Request

FOLDER = (Path(__file__).parents[2] / os.environ.get("WATCHBILL_CASES", "../shared")).resolve()
PERIOD_S = 300
STEP = timedelta(seconds=PERIOD_S)
STRETCH = 24  # windows of live collection in a row: two hours
KEPT_AT_PERIOD = timedelta(days=60)  # CloudWatch keeps five minutes for 63 days


@dataclass(frozen=True)
class Recording:
    """One CSV file: `timestamp,value`, in UTC and in any order."""

    path: Path

    @cached_property
    def rows(self) -> list[tuple[float, float]]:
        """Epoch seconds and values, as they stand in the file."""
        with self.path.open(newline="") as lines:
            return [(datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC).timestamp(), float(row["value"]))
                    for row in csv.DictReader(lines)]

    @cached_property
    def reduced(self) -> dict[datetime, float]:
        """The mean of the values of every period that has one, in order."""
        buckets: dict[int, list[float]] = {}
        for at, value in sorted(self.rows):
            buckets.setdefault(int(at) // PERIOD_S * PERIOD_S, []).append(value)
        return {datetime.fromtimestamp(start, UTC): sum(values) / len(values) for start, values in buckets.items()}

    @property
    def window(self) -> Window:
        return Window(min(self.reduced), max(self.reduced) + STEP)

    @property
    def entry(self) -> MetricEntry:
        return MetricEntry.model_validate({
            "name": "recorded", "sources": "cloudwatch", "namespace": "Recorded", "metrics": self.path.stem,
            "dimensions": {"file": self.path.name}, "period": "5m",
        })

    def within(self, *windows: Window) -> dict[datetime, float]:
        """What the reduction holds inside any of the windows."""
        return {at: value for at, value in self.reduced.items()
                if any(window.start <= at < window.end for window in windows)}

    def stretches(self, most: int) -> list[Window]:
        """The two hours with the most gaps and duplicates, the first and the last ones, then the next oddest."""
        start, length = self.window.start, STRETCH * STEP
        rows = Counter((datetime.fromtimestamp(at, UTC) - start) // length for at, _ in self.rows)
        there = Counter((at - start) // length for at in self.reduced)
        every = range(-(-self.window.points(PERIOD_S) // STRETCH))
        oddest = sorted(every, key=lambda number: rows[number] - 2 * there[number], reverse=True)
        chosen = list(dict.fromkeys([oddest[0], every[0], every[-1], *oddest]))[:most]
        return [Window(start + number * length, start + (number + 1) * length) for number in chosen]


def recordings() -> list[Recording]:
    """Every recorded metric under WATCHBILL_CASES, wherever it lies."""
    files = sorted(FOLDER.rglob("*.csv")) if FOLDER.is_dir() else []
    return [Recording(file) for file in files if _header(file) == ["timestamp", "value"]]


def _header(file: Path) -> list[str]:
    with file.open(newline="") as lines:
        return next(csv.reader(lines), [])


@dataclass
class Clock:
    """The time in the sandbox and of a run: the end of its window."""

    now: datetime = field(default_factory=lambda: datetime.fromtimestamp(0, UTC))

    def __call__(self) -> float:
        return self.now.timestamp()


@dataclass
class CloudWatch:
    """A reader for the flows, through one boto3 client."""

    client: Any

    def plan(self, entries: Any, window: Window, now: datetime, settle: timedelta | None = None) -> list[Request]:
        return cloudwatch.plan(self.client, entries, CLOUDWATCH, AWS_ACCOUNT, AWS_REGION, window, now, settle=settle)

    def fetch(self, request: Request) -> Fetched:
        return cloudwatch.fetch(self.client, request)


@dataclass
class House:
    """Collects one recording into one lake, as the DAGs do."""

    recording: Recording
    reader: CloudWatch
    clock: Clock
    lake: Lake

    def collect(self, window: Window) -> None:
        """One live window, which reads the one before it again."""
        self.clock.now = window.end
        shares = plan_collection([self.recording.entry], "cloudwatch", window, self._open, self.lake,
                                 now=self.clock.now, settle=STEP)
        reports = [collect_share(share, self._open, self.lake, now=self.clock.now) for share in shares]
        finish_collection("cloudwatch", window, planned_shares(shares), reports, self.lake, now=self.clock.now,
                          whole=True)

    def backfill(self, window: Window) -> dict[str, int]:
        """The whole window at once, or in the fewest parts in which its period is kept; the holes told."""
        holes: dict[str, int] = {}
        for part in _parts(window):
            self.clock.now = part.end
            shares = plan_backfill([self.recording.entry], "cloudwatch", part, self._open, self.lake,
                                   now=self.clock.now, dry_run=False)
            reports = [collect_share(share, self._open, self.lake, now=self.clock.now) for share in shares]
            told = verify_backfill("cloudwatch", part, reports, self.lake, now=self.clock.now, whole=True)
            for label, missing in told["holes"].items():
                holes[label] = holes.get(label, 0) + missing
        return holes

    @property
    def series(self) -> list[Series]:
        return self.lake.series(source="cloudwatch")

    def points(self) -> dict[datetime, float]:
        """All that the lake holds, an hour before the file's first point and after its last too."""
        around = Window(self.recording.window.start - 12 * STEP, self.recording.window.end + (STRETCH + 12) * STEP)
        table = self.lake.read(self.series, around)
        points = dict(zip(table["timestamp"].to_pylist(), table["value"].to_pylist(), strict=True))
        assert len(points) == len(table), "a timestamp came twice"
        return points

    def _open(self, target: Target) -> Reader:
        assert target == CLOUDWATCH
        return self.reader


def _parts(window: Window) -> Iterator[Window]:
    start = window.start
    while start < window.end:
        yield Window(start, min(start + KEPT_AT_PERIOD, window.end))
        start += KEPT_AT_PERIOD
