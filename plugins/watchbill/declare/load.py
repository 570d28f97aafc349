"""The door of this room: an include folder and the environment in, declarations and findings out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as Folder

from watchbill.declare import checks, kinds
from watchbill.declare.claims import claimed
from watchbill.declare.collected import collected
from watchbill.declare.dashboard_checks import check_dashboards
from watchbill.declare.document import Path
from watchbill.declare.files import ALERTING, strays
from watchbill.declare.on_call_checks import check_on_call
from watchbill.declare.parts import Located, Model, Parts
from watchbill.declare.report_checks import check_reports
from watchbill.declare.route_checks import check_routes
from watchbill.declare.rule_checks import check_composites, check_query
from watchbill.declare.rule_files import RuleParts
from watchbill.model.alerting import Alerting
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import DeclarationError, Finding, WatchbillError
from watchbill.model.metrics import MetricEntry
from watchbill.model.reports import Report
from watchbill.model.rules import RuleGroup
from watchbill.model.settings import Settings


@dataclass(frozen=True)
class Declarations:
    """Everything under include/ that can be used, and everything that is wrong with the rest."""

    settings: Settings | None  # None: broken
    metrics: tuple[MetricEntry, ...]
    groups: tuple[RuleGroup, ...]
    alerting: Alerting | None  # None: broken, or not there
    dashboards: tuple[Dashboard, ...]
    findings: tuple[Finding, ...]  # by file and line
    reports: tuple[Report, ...] = ()
    located_dashboards: tuple[Located[Dashboard], ...] = field(default=(), repr=False, compare=False)

    def in_file(self, dashboard: Dashboard, path: Path, problem: str, fix: str, *, warning: bool) -> Finding:
        """A finding about a part of a dashboard, as ("widgets", 0, "metrics", 2), with its file and line."""
        where = self._located[id(dashboard)]
        return where.finding(*path, problem=problem, fix=fix, warning=warning) if path \
            else where.document.finding(("id",), problem, fix, severity="warning" if warning else "error")

    @cached_property
    def _located(self) -> dict[int, Located[Dashboard]]:
        return {id(one.value): one for one in self.located_dashboards}

    def errors(self, *prefixes: str) -> DeclarationError | None:
        """The errors of files whose names begin so (of all files without a prefix), ready to be raised."""
        found = [one for one in self.findings
                 if one.severity == "error" and (not prefixes or one.file.startswith(prefixes))]
        return DeclarationError(found) if found else None

    def require_settings(self) -> Settings:
        """Raises DeclarationError."""
        if self.settings is None:
            raise self.errors("watchbill.yaml", "$") or DeclarationError(list(self.findings))
        return self.settings


def load(include: Folder, environ: Mapping[str, str]) -> Declarations:
    """Never raises for what a user wrote.

    `environ`: WATCHBILL__TICK=60s overrides `tick` of watchbill.yaml.
    """
    if not include.is_dir():
        absent = Finding(str(include), 0, "", "is no folder", "name the folder that holds watchbill.yaml")
        return Declarations(None, (), (), None, (), (absent,))
    settings = kinds.settings(include, environ)
    metrics, rules = kinds.metrics(include), kinds.rules(include)
    (alerting, templates), dashboards = kinds.alerting(include), kinds.dashboards(include)
    reports = kinds.reports(include)
    across = [*_across(settings, metrics, rules, alerting, dashboards), *check_reports(reports, dashboards, alerting)]
    findings = [*settings.findings, *metrics.findings, *rules.findings, *alerting.findings,
                *templates, *dashboards.findings, *reports.findings, *strays(include), *across]
    return Declarations(
        _only(settings), _values(metrics), tuple(group.value for group in rules.groups), _only(alerting),
        _values(dashboards), tuple(in_order(findings)), _values(reports), tuple(dashboards.located))


def load_settings(include: Folder, environ: Mapping[str, str]) -> Settings:
    """Raises DeclarationError for watchbill.yaml and the variables that override it."""
    parts = kinds.settings(include, environ)
    _raise(parts.findings)
    return parts.located[0].value


def load_metrics(include: Folder, environ: Mapping[str, str], names: Iterable[str] = ()  # noqa: ARG001
                 ) -> tuple[MetricEntry, ...]:
    """Those that are named, or all. Raises DeclarationError for metrics/, WatchbillError for a name that is not there.
    """
    parts = kinds.metrics(include)
    _raise(parts.findings)
    entries, wanted = _values(parts), set(names)
    unknown = wanted - {entry.name for entry in entries}
    if unknown:
        raise WatchbillError(f"no metric entry is called {', '.join(sorted(unknown))}; "
                             f"there are {', '.join(sorted(entry.name for entry in entries))}")
    return tuple(entry for entry in entries if not wanted or entry.name in wanted)


def load_rules(include: Folder, environ: Mapping[str, str]) -> tuple[RuleGroup, ...]:  # noqa: ARG001
    """Raises DeclarationError for rules/; whether their metrics are collected only `load` tells."""
    parts = kinds.rules(include)
    _raise(parts.findings)
    return tuple(group.value for group in parts.groups)


def load_rule_file(file: Folder) -> tuple[RuleGroup, ...]:
    """The rules of one file, which need not lie below the include folder. Raises DeclarationError."""
    parts = kinds.rule_file(file)
    _raise(parts.findings)
    return tuple(group.value for group in parts.groups)


def load_alerting(include: Folder, environ: Mapping[str, str]) -> Alerting:  # noqa: ARG001
    """Raises DeclarationError for alerting.yaml, also where there is none; not for templates of messages."""
    parts, _ = kinds.alerting(include)
    _raise(parts.findings if parts.documents or parts.findings else [_no_alerting()])
    return parts.located[0].value


def load_dashboards(include: Folder, environ: Mapping[str, str]) -> tuple[Dashboard, ...]:  # noqa: ARG001
    """Raises DeclarationError for dashboards/."""
    parts = kinds.dashboards(include)
    _raise(parts.findings)
    return _values(parts)


def load_reports(include: Folder, environ: Mapping[str, str]) -> tuple[Report, ...]:  # noqa: ARG001
    """Raises DeclarationError for reports/; whether there are their dashboards and receivers only `load` tells."""
    parts = kinds.reports(include)
    _raise(parts.findings)
    return _values(parts)


def load_dashboard_file(include: Folder, file: Folder) -> Dashboard:
    """The dashboard of one file, which need not lie below the include folder. Raises DeclarationError."""
    parts = kinds.dashboard_file(include, file)
    _raise(parts.findings)
    if not parts.located:
        raise DeclarationError([Finding(str(file), 0, "", "declares no dashboard")])
    return parts.located[0].value


def _across(
    settings: Parts[Settings], metrics: Parts[MetricEntry], rules: RuleParts, alerting: Parts[Alerting],
    dashboards: Parts[Dashboard],
) -> Iterable[Finding]:
    known, claims = collected(_values(metrics)), claimed(metrics)
    for group in rules.groups:
        for one in settings.located:
            yield from checks.check_interval(group, one.value.tick)
        for rule in group.rules:
            yield from checks.check_collected(rule, known, claims)
            yield from check_query(rule)
    yield from check_composites(rules.groups)
    for routing in alerting.located:
        for one in settings.located:
            yield from check_routes(routing, one.value.tick)
            yield from check_on_call(routing, one.value.tick)
    if rules.groups and not alerting.documents and not alerting.findings:
        yield _no_alerting()
    yield from check_dashboards(dashboards.located, known, claims)


def _no_alerting() -> Finding:
    return Finding(ALERTING, 0, "", "is not there: no alert would reach anyone",
                   "write a route and its receivers, as in Alertmanager")


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file and line, each once."""
    return sorted(dict.fromkeys(findings), key=lambda one: (one.file, one.line, one.field, one.problem))


def _values(parts: Parts[Model]) -> tuple[Model, ...]:
    return tuple(one.value for one in parts.located)


def _only(parts: Parts[Model]) -> Model | None:
    return next(iter(_values(parts)), None)


def _raise(findings: list[Finding]) -> None:
    errors = [one for one in in_order(findings) if one.severity == "error"]
    if errors:
        raise DeclarationError(errors)
