"""Where all rules stand, for the rules that look at other rules: composites, judged after what they are composed of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from watchbill.flows.rule_states import Due
from watchbill.model.alert_expression import alert_names, holds
from watchbill.model.rules import Composite, Rule, RuleGroup, family, members
from watchbill.rules.conditions import Verdict
from watchbill.rules.judge import Values
from watchbill.rules.label_sets import LabelSets

Active = tuple[str, Mapping[str, str]]
"""State and labels."""
_Key = tuple[tuple[str, str], ...]


@dataclass
class Standings:
    """Of rules that are judged now, and of others as the ledger has them."""

    rules: Mapping[str, tuple[RuleGroup, Rule]]
    stored: Mapping[str, Sequence[Active]] = field(default_factory=dict)
    _now: dict[str, Due] = field(default_factory=dict)

    def put(self, due: Due) -> None:
        self._now[due.name] = due

    def in_order(self, waiting: Iterable[Due]) -> list[Due]:
        """Composites last, each after those that it names."""
        def depth(one: Due) -> int:
            return len(family(one.name, self.rules)) if isinstance(one.rule.condition, Composite) else 0

        return sorted(waiting, key=depth)

    def judge(self, name: str, condition: Composite) -> Callable[[datetime], Verdict]:
        named = members(self.rules[name][1], self.rules)

        def judged(_: datetime) -> Verdict:
            active = {alert: [one for rule in rules for one in self._active(rule)] for alert, rules in named.items()}
            return _judged(condition, active)

        return judged

    def _active(self, rule: str) -> Iterable[Active]:
        due = self._now.get(rule)
        if due is None:
            return self.stored.get(rule, ())
        fixed = {name: value for name, value in due.rule.labels.items() if "{" not in value}
        sets = due.values.streams if due.values else LabelSets(())
        return [(state.state, fixed | sets.labels[sets.places[name]])
                for state, names in due.standing.items() for name in names if name in sets.places]


def _judged(condition: Composite, active: Mapping[str, Sequence[Active]]) -> Verdict:
    firing = {alert: {_key(labels, condition.on) for state, labels in found if state == "firing"}
              for alert, found in active.items()}
    every = {_key(labels, condition.on) for found in active.values() for _, labels in found}
    keys = sorted(every) if condition.on else [()]
    told = [holds(condition.expression, {alert: key in firing[alert] for alert in alert_names(condition.expression)})
            for key in keys]
    return Verdict(Values(LabelSets([dict(key) for key in keys]), pa.array(map(float, told), pa.float64())),
                   pa.array(told, pa.bool_()))


def _key(labels: Mapping[str, str], on: Iterable[str]) -> _Key:
    return tuple(sorted((name, labels[name]) for name in on if labels.get(name)))
