"""Rule files: documents in, groups out, each with those of its rules that can be read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from pydantic import Field

from watchbill.declare.document import Document, Path
from watchbill.declare.explain import validated
from watchbill.declare.files import RULES
from watchbill.declare.parts import Located, Parts, items, listed, read_file, read_folder
from watchbill.model.declared import Declared
from watchbill.model.failures import Finding
from watchbill.model.rules import Rule, RuleGroup


class _RulesFile(Declared):
    groups: tuple[Any, ...] = ()


class _Group(RuleGroup):
    rules: tuple[Any, ...] = Field()  # each is read by itself, so that one cannot spoil the others


@dataclass(frozen=True)
class LocatedGroup:
    """A group with those of its rules that can be read."""

    group: Located[RuleGroup]
    rules: tuple[Located[Rule], ...]

    @property
    def value(self) -> RuleGroup:
        group = self.group.value
        return RuleGroup(name=group.name, interval=group.interval, rules=tuple(one.value for one in self.rules))


@dataclass
class RuleParts:
    """What the rule files declare."""

    groups: list[LocatedGroup]
    findings: list[Finding]


def read_rule_file(file: FilePath) -> RuleParts:
    """One file, wherever it lies."""
    return _read(lambda take: read_file(file, take))


def read_rules(include: FilePath) -> RuleParts:
    return _read(lambda take: read_folder(include, RULES, take))


def _read(read: Callable[[Callable[[Parts[RuleGroup], Document], None]], Parts[RuleGroup]]) -> RuleParts:
    groups: list[LocatedGroup] = []

    def take(parts: Parts[RuleGroup], document: Document) -> None:
        for path, data in listed(parts, _RulesFile, document, "groups"):
            group = validated(_Group, data, document, path)
            rules: Parts[Rule] = Parts()
            for at, rule in items(data, "rules", path):
                rules.take(Rule, rule, document, at)
            parts.findings += rules.findings
            if isinstance(group, list):
                parts.findings += group
            elif not _own_trouble(document, path):
                groups.append(LocatedGroup(Located(group, document, path), tuple(rules.located)))

    found = read(take)
    return RuleParts(groups, found.findings)


def _own_trouble(document: Document, path: Path) -> bool:
    """Whether the group itself is broken, and not only one of its rules."""
    inside = (*path, "rules")
    return any(broken[:len(path)] == path and broken[:len(inside)] != inside for broken in document.broken)
