"""Unit tests of rules: their series into a lake that lasts as long as the test, the rules over it by the very engine of
the ticks, and what fires held against what was expected.
"""

import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from watchbill.declare.rule_tests import AlertRuleTest, RuleTest, expanded, labels_of
from watchbill.flows.coverage import mark_collected
from watchbill.flows.replay_rules import replay_rules, words_of
from watchbill.flows.rule_states import Due
from watchbill.lake.lake import Lake
from watchbill.model.rules import RuleGroup, named
from watchbill.model.series import SOURCES, Series, Source
from watchbill.model.settings import Settings
from watchbill.model.windows import Window
from watchbill.rules.describe import Words

ORIGIN = datetime(2000, 1, 1, tzinfo=UTC)
"""What `eval_time` counts from."""
_OWN = {"source": "cloudwatch", "namespace": "", "statistic": "Average", "account": "", "region": "", "unit": ""}
"""Labels of an input series that are no dimensions, and what they are where they are absent."""

Alert = tuple[dict[str, str], dict[str, str]]
"""Labels and annotations."""


@dataclass(frozen=True)
class Outcome:
    """One expectation of one test, and what came."""

    expectation: AlertRuleTest
    expected: list[Alert]
    got: list[Alert]

    @property
    def passed(self) -> bool:
        return self.expected == self.got


def try_rules(test: RuleTest, groups: Collection[RuleGroup], every: timedelta) -> list[Outcome]:
    """`every`: how often groups without an interval of their own are evaluated. Raises RuleError and LakeError."""
    last = max((one.eval_time for one in test.alert_rule_test), default=timedelta(0))
    window = Window(ORIGIN - every, ORIGIN + last)
    settings = Settings.model_validate({"tick": every, "sources": {source: {"delay": "0s"} for source in SOURCES}})
    seen = _Seen(test.alert_rule_test)
    with tempfile.TemporaryDirectory(prefix="watchbill-rules-") as folder:
        lake = Lake.open("lake", home=Path(folder))
        _fill(lake, test, window, max(every, timedelta(days=1)))
        replay_rules(groups, list(named(groups)), settings, lake, window, watch=seen)
    return [Outcome(one, _sorted(_expected(one)), _sorted(seen.firing[place]))
            for place, one in enumerate(test.alert_rule_test)]


class _Seen:
    """What fires at each time that somebody asks about: at it, or at the last evaluation before it."""

    def __init__(self, expectations: Sequence[AlertRuleTest]) -> None:
        self._expectations = expectations
        self.firing: list[list[Alert]] = [[] for _ in expectations]
        self._rules: list[dict[str, list[Alert]]] = [{} for _ in expectations]
        self._words: dict[str, Words] = {}
        self._said: dict[tuple[str, str], Alert] = {}

    def __call__(self, due: Due, at: datetime) -> None:
        alerts = None
        for place, one in enumerate(self._expectations):
            if one.alertname == due.rule.alert and at <= ORIGIN + one.eval_time:
                alerts = self._alerts(due) if alerts is None else alerts
                self._rules[place][due.name] = alerts
                self.firing[place] = [each for found in self._rules[place].values() for each in found]

    def _alerts(self, due: Due) -> list[Alert]:
        """One that is kept firing although its series is gone says what it said last."""
        words = self._words.setdefault(due.name, Words(due.rule))
        found = []
        for state, names in due.standing.items():
            for name in names:
                if due.values is not None and name in due.values.streams.places:
                    told = words_of(due, name, words)
                    self._said[due.name, name] = told.labels, told.annotations
                if state.state == "firing":
                    found.append(self._said[due.name, name])
        return found


def _expected(one: AlertRuleTest) -> list[Alert]:
    return [({"alertname": one.alertname, **alert.exp_labels}, dict(alert.exp_annotations)) for alert in one.exp_alerts]


def _sorted(alerts: Iterable[Alert]) -> list[Alert]:
    return sorted(alerts, key=lambda alert: (sorted(alert[0].items()), sorted(alert[1].items())))


def _fill(lake: Lake, test: RuleTest, window: Window, before: timedelta) -> None:
    """The value at i x interval is that of the period that ends then, so that it is what an evaluation at i sees."""
    rows: dict[Source, list[tuple[Series, datetime, float]]] = {source: [] for source in SOURCES}
    for one in test.input_series:
        series = _series(one.series, test.interval)
        rows[series.source] += [(series, ORIGIN + (place - 1) * test.interval, value)
                                for place, value in enumerate(expanded(one.values)) if value is not None]
    for source, found in rows.items():
        days: dict[Any, list[tuple[Series, datetime, float]]] = {}
        for row in found:
            days.setdefault(row[1].date(), []).append(row)
        for day, points in days.items():
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            table = pa.table({"series": pa.array([one.key for one, _, _ in points], pa.int64()),
                              "timestamp": pa.array([at for _, at, _ in points], pa.timestamp("ms", "UTC")),
                              "value": pa.array([value for *_, value in points], pa.float64())})
            lake.write(source, Window(start, start + timedelta(days=1)), "test", table,
                       list({one.key: one for one, _, _ in points}.values()), collected_at=window.end)
        mark_collected(source, Window(window.start - before, window.end), lake, now=window.end)


def _series(text: str, interval: timedelta) -> Series:
    metric, labels = labels_of(text)
    own: Mapping[str, str] = {name: labels.pop(name, default) for name, default in _OWN.items()}
    return Series(cast(Source, own["source"]), own["account"], own["region"], own["namespace"], metric,
                  own["statistic"], int(interval.total_seconds()), tuple(labels.items()), own["unit"])
