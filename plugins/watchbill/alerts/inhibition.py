"""Silences a target while its cause fires: inhibition rules and the firing set in, muted alerts out."""

from collections.abc import Iterable, Mapping

from watchbill.model.alerting import InhibitRule
from watchbill.model.alerts import fingerprint
from watchbill.model.matchers import Matcher

Labels = Mapping[str, str]


class Inhibitor:
    """Knows every firing label set, so build it once the whole evaluation is done."""

    def __init__(self, rules: Iterable[InhibitRule], firing: Iterable[Labels]) -> None:
        everything = list(firing)
        self._rules = [_Sources(rule, everything) for rule in rules]

    def mutes(self, labels: Labels) -> bool:
        return any(rule.source_of(labels) is not None for rule in self._rules)

    def inhibited_by(self, labels: Labels) -> tuple[str, ...]:
        """The fingerprint of one source for each rule that mutes, sorted."""
        if not self._rules:
            return ()
        sources = (rule.source_of(labels) for rule in self._rules)
        return tuple(sorted({fingerprint(source) for source in sources if source is not None}))


class _Sources:
    """One rule's firing sources by their values of `equal`; absent on both sides is equal too."""

    def __init__(self, rule: InhibitRule, firing: list[Labels]) -> None:
        self._rule = rule
        self._one_sided: dict[tuple[str, ...], Labels] = {}
        self._any: dict[tuple[str, ...], Labels] = {}
        for labels in firing:
            if _match(rule.source, labels):
                self._any.setdefault(self._equal(labels), labels)
                if not _match(rule.target, labels):
                    self._one_sided.setdefault(self._equal(labels), labels)

    def source_of(self, target: Labels) -> Labels | None:
        """What mutes it. A target that is a source as well is muted only by pure ones: nothing inhibits itself."""
        if not _match(self._rule.target, target):
            return None
        sources = self._one_sided if _match(self._rule.source, target) else self._any
        return sources.get(self._equal(target))

    def _equal(self, labels: Labels) -> tuple[str, ...]:
        return tuple(labels.get(name, "") for name in self._rule.equal)


def _match(matchers: tuple[Matcher, ...], labels: Labels) -> bool:
    return all(matcher.matches(labels) for matcher in matchers)
