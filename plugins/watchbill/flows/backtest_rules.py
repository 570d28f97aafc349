"""What a rule would have done over a span of the lake: its firings, week by week, and a picture of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from watchbill.flows.replay_rules import Firing, Replayed, replay_rules
from watchbill.flows.rule_states import Due
from watchbill.graphs.graph import Graph, Line, Span, Zone
from watchbill.lake.lake import Lake
from watchbill.model.metrics import MetricEntry
from watchbill.model.rules import RuleGroup
from watchbill.model.settings import Settings
from watchbill.model.windows import Window, format_duration
from watchbill.rules.pictured import judged_zones

MOST_LINES = 8
_NOTHING = timedelta(0)


@dataclass(frozen=True)
class Week:
    """An ISO week; a firing counts in the one in which it began, its time in those in which it was spent."""

    week: str  # 2026-W09
    firings: int
    in_alert: timedelta  # with at least one alert firing


@dataclass
class Backtest:
    """One rule over one window."""

    replayed: Replayed
    window: Window
    lines: dict[str, list[tuple[datetime, float | None]]] = field(default_factory=dict)  # what was judged, by labels

    @property
    def weeks(self) -> list[Week]:
        spans, found = self.spans, dict[str, tuple[int, timedelta]]()
        day = self.window.start.replace(hour=0, minute=0, second=0, microsecond=0)
        while day < self.window.end:
            name = _week(day)
            began, spent = found.get(name, (0, _NOTHING))
            following = day + timedelta(days=1)
            began += sum(day <= one.start < following for one in self.replayed.firings)
            found[name] = began, spent + sum((max(_NOTHING, min(span.end, following) - max(span.start, day))
                                              for span in spans), _NOTHING)
            day = following
        return [Week(name, firings, in_alert) for name, (firings, in_alert) in found.items()]

    @property
    def spans(self) -> list[Span]:
        """In which at least one alert fires, in order."""
        found: list[Span] = []
        for one in sorted(self.replayed.firings, key=lambda each: each.start):
            end = one.end or self.window.end
            if found and one.start <= found[-1].end:
                found[-1] = Span(found[-1].start, max(found[-1].end, end))
            else:
                found.append(Span(one.start, end))
        return found

    @property
    def in_alert(self) -> timedelta:
        return sum((span.end - span.start for span in self.spans), _NOTHING)

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.replayed.name, **self.window.to_json(), "evaluations": self.replayed.evaluations,
            "missed": self.replayed.missed, "in_alert_s": self.in_alert.total_seconds(),
            "weeks": [{"week": one.week, "firings": one.firings, "in_alert_s": one.in_alert.total_seconds()}
                      for one in self.weeks],
            "firings": [{"labels": one.labels, "annotations": one.annotations, "start": one.start.isoformat(),
                         "end": one.end.isoformat() if one.end else None} for one in self.replayed.firings]}

    def draw(self, kind: Literal["png", "svg"]) -> bytes:
        """The values that were judged, what is too much of them, and when alerts fired."""
        from watchbill.graphs.draw import draw

        lines = [Line(name, [at.timestamp() for at, _ in points], [value for _, value in points])
                 for name, points in self.lines.items()]
        zones = [Zone(low, high) for low, high in judged_zones(self.replayed.rule.condition)]
        title = f"{self.replayed.name}: {self.replayed.rule.condition.judged}"
        return draw(Graph(lines, title=title, zones=zones, spans=self.spans, start=self.window.start,
                          end=self.window.end), kind)


def backtest_rules(
    groups: Collection[RuleGroup], chosen: Collection[str], settings: Settings, lake: Lake, window: Window, *,
    entries: Collection[MetricEntry] = (), pictured: bool = False,
) -> list[Backtest]:
    """`pictured`: keeps the values of those that fired first. Raises LakeError and RuleError."""
    found = [Backtest(one, window) for one in replay_rules(groups, chosen, settings, lake, window, entries=entries)]
    if pictured:
        _add_lines(found, groups, settings, lake, entries)
    return found


def _add_lines(found: Sequence[Backtest], groups: Collection[RuleGroup], settings: Settings, lake: Lake,
               entries: Collection[MetricEntry]) -> None:
    """Once more, with an eye on few: which of them would fire was not known before."""
    tests = {one.replayed.name: one for one in found}
    wanted = {name: _firing_first(one.replayed.firings) for name, one in tests.items()}

    def watch(due: Due, at: datetime) -> None:
        if due.name in tests and due.values is not None:
            lines, first = tests[due.name].lines, wanted[due.name]
            for labels, value in zip(due.values.streams.labels, due.values.numbers, strict=True):
                name = _named(labels)
                if name in lines or (len(lines) < MOST_LINES and (not first or name in first)):
                    lines.setdefault(name, []).append((at, value))

    replay_rules(groups, list(tests), settings, lake, found[0].window, entries=entries, watch=watch)


def _firing_first(firings: Sequence[Firing]) -> set[str]:
    names = list(dict.fromkeys(_named(one.instance) for one in firings))
    return set(names[:MOST_LINES])


def _named(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(labels.items()))


def _week(day: datetime) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def shown(span: timedelta) -> str:
    return format_duration(timedelta(seconds=round(span.total_seconds())))
