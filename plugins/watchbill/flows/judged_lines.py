"""What a rule compared over a window, for a picture: of an expression or of SQL no series of the lake shows it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watchbill.flows.replay_rules import replay_rules
from watchbill.flows.rule_states import Due
from watchbill.graphs.graph import Line, Zone
from watchbill.lake.lake import Lake
from watchbill.model.metrics import MetricEntry
from watchbill.model.rules import Expression, RuleGroup, Sql, named
from watchbill.model.settings import Settings
from watchbill.model.windows import Window
from watchbill.rules.pictured import judged_zones

_TIMES = 120  # that a picture is made of: more would not be seen


@dataclass
class JudgedLine:
    """The values of one instance, None where there was none."""

    labels: Mapping[str, str]
    zones: list[Zone]
    points: list[tuple[datetime, float | None]] = field(default_factory=list)

    def line(self, name: str) -> Line:
        return Line(name, [at.timestamp() for at, _ in self.points], [value for _, value in self.points])


@dataclass(frozen=True)
class Judgement:
    """The rules, and what it takes to judge them again."""

    groups: Collection[RuleGroup]
    settings: Settings
    entries: Collection[MetricEntry] = ()

    def lines(self, alertname: str, lake: Lake, window: Window) -> list[JudgedLine]:
        """Of every rule of that name over an expression or SQL; of others the lake has the series. Raises LakeError and
        RuleError.
        """
        names = [name for name, (_, rule) in named(self.groups).items()
                 if rule.alert == alertname and isinstance(rule.condition, Expression | Sql)]
        found: dict[tuple[str, frozenset[tuple[str, str]]], JudgedLine] = {}

        def watch(due: Due, at: datetime) -> None:
            if due.values is None or due.name not in names:
                return
            zones = [Zone(low, high) for low, high in judged_zones(due.rule.condition)]
            for labels, value in zip(due.values.streams.labels, due.values.numbers, strict=True):
                key = due.name, frozenset(labels.items())
                found.setdefault(key, JudgedLine(labels, zones)).points.append((at, value))

        if names:
            groups = [_rarely(group, window, self.settings.tick) for group in self.groups]
            replay_rules(groups, names, self.settings, lake, window, entries=self.entries, watch=watch)
        return list(found.values())


def _rarely(group: RuleGroup, window: Window, tick: timedelta) -> RuleGroup:
    """Judged at some of its times."""
    interval = group.interval or tick
    return group.model_copy(update={"interval": interval * max(1, -(-window.length // (interval * _TIMES)))})
