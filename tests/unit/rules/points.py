"""Builders that the tests of this room share."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from watchbill.lake.series_table import as_table
from watchbill.model.rules import Expression, Rule
from watchbill.model.series import Series
from watchbill.rules.conditions import Verdict, judge
from watchbill.rules.judge import Reader, Values
from watchbill.rules.match import Matched
from watchbill.rules.select import Streams, select

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SCHEMA = pa.schema({"series": pa.int64(), "timestamp": pa.timestamp("ms", "UTC"), "value": pa.float64()})


def ago(**span: float) -> datetime:
    return AT - timedelta(**span)


def a_rule(condition: Mapping[str, Any] | None = None, **fields: Any) -> Rule:
    of = {"source": "cloudwatch", "namespace": "shop", "metric": "errors", "statistic": "Sum"}
    compared = {"window": "5m", "comparison": ">", "threshold": 100}
    judged = {**(of if (condition or {}).get("type") not in ("expression", "composite", "sql") else {}),
              **(compared if "type" not in (condition or {}) else {}), **(condition or {})}
    return Rule.model_validate({"alert": "HighErrorRate", "condition": judged, **fields})


def a_series(period_s: int = 60, *, account: str = "123456789012", metric: str = "errors",
             region: str = "eu-west-1", **dimensions: str) -> Series:
    return Series("cloudwatch", account, region, "shop", metric, "Sum", period_s, tuple(dimensions.items()))


def points(*rows: tuple[Series, datetime, float]) -> pa.Table:
    named = [{"series": series.key, "timestamp": moment, "value": value} for series, moment, value in rows]
    return pa.Table.from_pylist(named, SCHEMA)


def streams(rule: Rule, *series: Series) -> Streams:
    return select(rule.condition, as_table(series))


def verdict(rule: Rule, table: pa.Table, series: list[Series], at: datetime = AT) -> Verdict:
    condition = rule.condition
    selected = {name: select(metric, as_table(series)) for name, metric in condition.metrics.items()}
    reader = Reader(table, list(selected.values()))
    matched = Matched(condition, selected) if isinstance(condition, Expression) else None

    def seen(name: str, window: timedelta, how: Any, back: timedelta = timedelta(0)) -> Values:
        return reader.values(selected[name], window, how, at - back)

    return judge(condition, seen, rule.treat_missing_data, matched)


def values(rule: Rule, table: pa.Table, series: list[Series], at: datetime = AT) -> Values:
    return verdict(rule, table, series, at).values


def told(rule: Rule, table: pa.Table, series: list[Series], at: datetime = AT) -> dict[str, Any]:
    """By the values of the labels: the value, and whether it breaches (None: data is missing)."""
    found = verdict(rule, table, series, at)
    sets, breached = found.values.streams, found.values.where(found.breached)
    return {",".join(labels.values()): (value, None if name in found.values.missing else name in breached)
            for labels, value, name in zip(sets.labels, found.values.numbers, sets.names, strict=True)}


def seen(rule: Rule, table: pa.Table, series: list[Series], at: datetime = AT) -> list[tuple[dict[str, str], Any]]:
    """The labels and the value of each stream."""
    found = values(rule, table, series, at)
    return sorted(zip(found.streams.labels, found.numbers, strict=True), key=lambda one: sorted(one[0].items()))
