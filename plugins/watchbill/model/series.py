"""A series: what one stream of points is called. A point adds a UTC timestamp and a value."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal

import orjson

Source = Literal["cloudwatch", "datadog"]
SOURCES: tuple[Source, ...] = ("cloudwatch", "datadog")
CONNECTIONS: dict[Source, str] = {"cloudwatch": "aws_default", "datadog": "datadog_default"}
"""The Airflow connection of each source, where nothing else is declared."""

EXPRESSION, FORMULA = "Expression", "Formula"
"""The statistic of what a vendor computed from other metrics."""


class _Once:
    """functools.cached_property without its lock, which in Python 3.11 takes as long as a key."""

    def __init__(self, compute: Callable[["Series"], int]) -> None:
        self._compute, self._name = compute, compute.__name__
        self.__doc__ = compute.__doc__

    def __get__(self, series: "Series", _: type) -> int:
        found = series.__dict__[self._name] = self._compute(series)
        return found


@dataclass(frozen=True)
class Series:
    """Two series are the same when all but the unit and the tags is the same."""

    source: Source
    account: str  # AWS account number, or the Datadog connection's id
    region: str  # AWS region, or the Datadog site
    namespace: str
    metric: str
    statistic: str  # in CloudWatch's words for both sources: Average, Sum, Minimum, Maximum, SampleCount, p99
    period_s: int
    dimensions: tuple[tuple[str, str], ...] = ()  # sorted by name
    unit: str = field(default="", compare=False)  # "" where neither the source nor the YAML says
    tags: tuple[tuple[str, str], ...] = field(default=(), compare=False)  # of the AWS resource, sorted by key

    def __post_init__(self) -> None:
        for name in ("dimensions", "tags"):
            if (pairs := getattr(self, name)) != ():
                object.__setattr__(self, name, tuple(sorted((str(k), str(v)) for k, v in pairs)))

    def __hash__(self) -> int:
        return self.key  # made of the same words, once for all the tables that look a series up

    @_Once
    def key(self) -> int:
        """Stable across runs and machines: 63 bits of BLAKE2b, so that it fits a signed int64."""
        words = [self.source, self.account, self.region, self.namespace, self.metric,
                 self.statistic, self.period_s, self.dimensions]
        return int.from_bytes(blake2b(_written(words), digest_size=8).digest()) >> 1

    def remember(self, key: int) -> None:
        """The key that another process computed for these words: who calls it knows that it is that."""
        self.__dict__["key"] = key

    def to_json(self) -> dict[str, Any]:
        return {"source": self.source, "account": self.account, "region": self.region,
                "namespace": self.namespace, "metric": self.metric, "statistic": self.statistic,
                "period_s": self.period_s, "dimensions": dict(self.dimensions), "unit": self.unit,
                "tags": dict(self.tags)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Series":
        pairs = {name: tuple(data.get(name, {}).items()) for name in ("dimensions", "tags")}
        return cls(**{**data, **pairs})


def _written(words: list[Any]) -> bytes:
    """As json writes it, which escapes all but printable ASCII; for that alone orjson writes the same, and faster."""
    try:
        text = orjson.dumps(words)
    except TypeError:  # half of a surrogate pair
        text = b"\x7f"
    if text.isascii() and b"\x7f" not in text:
        return text
    return json.dumps(words, separators=(",", ":")).encode()


def point_id(series_key: int, timestamp: datetime) -> str:
    """The record id of a point: the same point has the same id however often it is collected.

    The lake's SQL builds the same text: `format('{:016x}-{:x}', series, epoch(timestamp)::BIGINT)`.
    """
    return f"{series_key:016x}-{int(timestamp.timestamp()):x}"
