"""Silences a target while its cause fires: inhibition rules and the firing set in, muted alerts out."""

from collections.abc import Iterable, Mapping

from watchbill.model.alerting import InhibitRule
from watchbill.model.matchers import Matcher

Labels = Mapping[str, str]


class Inhibitor:
    """Knows every firing label set, so build it once the whole evaluation is done."""

    def __init__(self, rules: Iterable[InhibitRule], firing: Iterable[Labels]) -> None:
        everything = list(firing)
        self._rules = [_Sources(rule, everything) for rule in rules]

    def mutes(self, labels: Labels) -> bool:
        return any(rule.mutes(labels) for rule in self._rules)


class _Sources:
    """One rule's firing sources by their values of `equal`; absent on both sides is equal too."""

    def __init__(self, rule: InhibitRule, firing: list[Labels]) -> None:
        self._rule = rule
        self._one_sided: set[tuple[str, ...]] = set()
        self._any: set[tuple[str, ...]] = set()
        for labels in firing:
            if _match(rule.source, labels):
                self._any.add(self._equal(labels))
                if not _match(rule.target, labels):
                    self._one_sided.add(self._equal(labels))

    def mutes(self, target: Labels) -> bool:
        """A target that is a source as well is muted only by pure sources: nothing inhibits itself."""
        if not _match(self._rule.target, target):
            return False
        sources = self._one_sided if _match(self._rule.source, target) else self._any
        return self._equal(target) in sources

    def _equal(self, labels: Labels) -> tuple[str, ...]:
        return tuple(labels.get(name, "") for name in self._rule.equal)


def _match(matchers: tuple[Matcher, ...], labels: Labels) -> bool:
    return all(matcher.matches(labels) for matcher in matchers)
