"""What the sandbox holds, and what must come of it: kept and reduced here by plain loops over plain samples.

Points arrive late, are corrected and vanish, because `change` may touch any minute that has passed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal, NamedTuple

from sandbox.server import Sandbox
from watchbill.model.metrics import MetricEntry
from watchbill.model.windows import Window

Source = Literal["cloudwatch", "datadog"]
Manner = Literal["named", "wild"]
"""How entries say what they want: each series by its name, or by `*` and an expression."""

START = datetime(2026, 1, 30, 21, tzinfo=UTC)
"""Three hours before midnight, so that the range lies on two days."""

MINUTES = 360
MINUTE = timedelta(minutes=1)
RANGE = Window(START, START + MINUTES * MINUTE)


class Kind(NamedTuple):
    """One series."""

    metric: str
    service: str
    statistic: str
    minutes: int  # of its period


KINDS = (Kind("requests", "checkout", "Sum", 1), Kind("requests", "search", "Sum", 1),
         Kind("latency", "checkout", "Average", 5))

Point = tuple[Kind, int]
"""A series, and the minute after START at which a period of it begins."""


def entries(source: Source, manner: Manner) -> list[MetricEntry]:
    if manner == "wild":
        return [_entry(source, name="requests", metrics="requests" if source == "datadog" else "req*",
                       statistics="Sum", dimensions={"service": "*"}, period="1m"),
                _entry(source, name="latency", metrics="latency", statistics="Average",
                       dimensions={"service": "=~check.*"}, period="5m")]
    return [_entry(source, name=f"{kind.metric}-{kind.service}", metrics=kind.metric, statistics=kind.statistic,
                   dimensions={"service": kind.service}, period=f"{kind.minutes}m") for kind in KINDS]


def _entry(source: Source, **given: Any) -> MetricEntry:
    return MetricEntry.model_validate({"sources": source, "namespace": "shop", **given})


def kinds_of(entry: MetricEntry) -> list[Kind]:
    """Those that an entry asks for."""
    return [kind for kind in KINDS if entry.name in (kind.metric, f"{kind.metric}-{kind.service}")]


@dataclass
class Cloud:
    """The past of three series, and every value that any of their points ever had."""

    source: Source
    sandbox: Sandbox
    seed: int
    now: datetime = START
    _samples: dict[tuple[str, str], dict[int, list[float]]] = field(default_factory=dict)  # by minute
    ever: dict[Point, set[float]] = field(default_factory=dict)
    _published: int = 0

    def __call__(self) -> float:
        return self.now.timestamp()

    @property
    def passed(self) -> int:
        """Minutes of the range that are over."""
        return max(0, min(MINUTES, (self.now - START) // MINUTE))

    def wait(self, span: timedelta) -> None:
        """Time passes; most minutes bring samples, and some bring none."""
        self.now += span
        for minute in range(self._published, self.passed):
            chance = Random(self.seed * MINUTES + minute)
            for name in dict.fromkeys((kind.metric, kind.service) for kind in KINDS):
                if chance.random() < 0.8:
                    self._samples.setdefault(name, {})[minute] = [
                        chance.randrange(40) / 4 for _ in range(chance.choice((1, 1, 2)))]
        self._published = self.passed
        self._publish()

    def change(self, kind: Kind, minutes: Iterable[int], values: list[float]) -> None:
        """Other samples of these minutes, or none: they arrived late, were corrected, or vanished."""
        held = self._samples.setdefault((kind.metric, kind.service), {})
        for minute in minutes:
            held.pop(minute, None)
            if values:
                held[minute] = values
        self._publish()

    @property
    def listed(self) -> set[Kind]:
        """Those that CloudWatch would list."""
        return {kind for kind in KINDS if self._samples.get((kind.metric, kind.service))}

    def points(self) -> dict[Point, float]:
        """What the source would say now, were it asked for everything."""
        reduced: dict[Point, float] = {}
        for kind in KINDS:
            periods: dict[int, list[float]] = {}
            for minute, values in self._samples.get((kind.metric, kind.service), {}).items():
                periods.setdefault(minute - minute % kind.minutes, []).extend(values)
            for start, values in periods.items():
                reduced[kind, start] = sum(values) if kind.statistic == "Sum" else sum(values) / len(values)
        return reduced

    def _publish(self) -> None:
        """All of it anew: no cloud takes anything back."""
        self.sandbox.cloudwatch.reset()
        self.sandbox.datadog.reset()
        for (metric, service), held in self._samples.items():
            rows = [((START + minute * MINUTE).timestamp() + 20 * number, value)
                    for minute, values in sorted(held.items()) for number, value in enumerate(values)]
            times, values = [at for at, _ in rows], [value for _, value in rows]
            if rows and self.source == "cloudwatch":
                self.sandbox.cloudwatch.put("shop", metric, {"service": service}, times, values)
            elif rows:
                kind = "count" if metric == "requests" else "gauge"
                self.sandbox.datadog.put(f"shop.{metric}", {"service": service}, times, values, type=kind)
        for point, value in self.points().items():
            self.ever.setdefault(point, set()).add(value)
