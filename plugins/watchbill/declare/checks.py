"""What models cannot tell of themselves: parts in; doubles, loose ends and things never collected out."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from watchbill.declare.claims import Claims
from watchbill.declare.collected import Collected, gap
from watchbill.declare.document import Document, Path
from watchbill.declare.files import close
from watchbill.declare.parts import Located, Model
from watchbill.declare.rule_files import LocatedGroup
from watchbill.declare.templates import template_problem, uses_value
from watchbill.model.alerts import SEVERITIES
from watchbill.model.failures import Finding
from watchbill.model.metrics import MetricEntry
from watchbill.model.rules import Rule
from watchbill.model.settings import Settings
from watchbill.model.windows import format_duration

_HOUR, _DAY = 3600, 86400


def without_doubles(
    located: Iterable[Located[Model]], name: Callable[[Model], Hashable], key: str, what: str,
) -> tuple[list[Located[Model]], list[Finding]]:
    """The first of each name, and a finding for every other."""
    first: dict[Hashable, Located[Model]] = {}
    findings: list[Finding] = []
    for one in located:
        known = first.setdefault(name(one.value), one)
        if known is not one:
            at = f"{known.document.file}:{known.document.line((*known.path, key))}"
            findings.append(one.finding(key, problem=f"{what} `{getattr(one.value, key)}` is there twice",
                                        fix=f"the first is {at}: rename or remove one"))
    return list(first.values()), findings


def rule_identity(rule: Rule) -> Hashable:
    """Two rules of one name may differ in their labels, as a warning and a critical one do."""
    return rule.alert, frozenset(rule.labels.items())


def check_settings(settings: Located[Settings]) -> Iterator[Finding]:
    """Runs begin at whole ticks of the clock: the tick must divide an hour, or be hours that divide a day."""
    tick_s = settings.value.tick.total_seconds()
    minutes = tick_s % 60 == 0 and 60 <= tick_s <= _HOUR and _HOUR % tick_s == 0
    hours = tick_s % _HOUR == 0 and _HOUR <= tick_s <= _DAY and _DAY % tick_s == 0
    if not minutes and not hours:
        yield settings.finding("tick", problem="must divide an hour, or be hours that divide a day",
                               fix="for example 1m, 5m, 15m, 1h or 1d")


def check_stored(entries: Iterable[Located[MetricEntry]]) -> list[Finding]:
    """Expressions and formulas that would be stored as one and the same series."""
    first: dict[Hashable, Located[MetricEntry]] = {}
    findings = []
    for one in entries:
        entry = one.value
        if entry.expression or entry.formula:
            stored = (entry.namespace, entry.metrics, entry.stored_statistics, entry.period,
                      frozenset(entry.dimensions.items()))
            for source in entry.sources:
                for target in entry.targets(source):
                    known = first.setdefault((stored, target), one)
                    if known is not one:
                        findings.append(one.finding("metrics", fix="call its metric otherwise",
                                                    problem=f"entry `{known.value.name}` is stored under that name"))
    return list(dict.fromkeys(findings))


def check_rule(rule: Located[Rule]) -> Iterator[Finding]:
    for kind, templates in (("labels", rule.value.labels), ("annotations", rule.value.annotations)):
        for name, text in templates.items():
            problem = template_problem(text)
            if problem:
                yield rule.finding(kind, name, problem=problem[0], fix=problem[1])
            elif kind == "labels" and uses_value(text):
                yield rule.finding(kind, name, warning=True, fix="put the value into an annotation",
                                   problem="changes with the value: every value is another alert")
    severity = rule.value.labels.get("severity", "error")
    if severity not in SEVERITIES and "{" not in severity:
        near = close(severity, SEVERITIES)
        yield rule.finding("labels", "severity", problem=f"`{severity}` is shown as error", warning=True,
                           fix=f"did you mean {near}?" if near else f"known are {', '.join(SEVERITIES)}")


def check_collected(rule: Located[Rule], known: list[Collected], claims: Claims) -> Iterator[Finding]:
    for name, metric in rule.value.condition.metrics.items():
        found = gap(metric, known)
        if found and not claims.cover(metric.namespace, metric.metric):
            where = ("condition", "inputs", name) if name else ("condition",)
            yield rule.finding(*where, found.key, problem=found.problem, fix=found.fix)


def check_interval(group: LocatedGroup, tick: timedelta) -> Iterator[Finding]:
    interval = group.value.interval
    if interval is not None and interval % tick and tick % interval:
        yield group.group.finding(
            "interval", problem=f"neither divides the tick of {format_duration(tick)} nor is a multiple of it: "
            "its rules wait for the next tick", fix="", warning=True)


def check_receivers(document: Document) -> Iterator[Finding]:
    """Every undefined receiver of the routing tree, not only the first."""
    data = document.data if isinstance(document.data, dict) else {}
    receivers = data.get("receivers")
    names = [one["name"] for one in (receivers if isinstance(receivers, list) else [])
             if isinstance(one, dict) and isinstance(one.get("name"), str)]
    for path, name in _routed(data.get("route"), ("route",)):
        if name not in names:
            near = close(name, names)
            fix = f"did you mean `{near}`?" if near else f"known: {', '.join(names) or 'none'}"
            yield document.finding(path, f"there is no receiver `{name}`", fix)


def _routed(route: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if not isinstance(route, dict):
        return
    name = route.get("receiver")
    if isinstance(name, str) and name:
        yield (*path, "receiver"), name
    children = route.get("routes")
    for place, child in enumerate(children if isinstance(children, list) else []):
        yield from _routed(child, (*path, "routes", place))
