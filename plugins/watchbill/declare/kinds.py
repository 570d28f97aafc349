"""Each kind of file by itself: read, without doubles, and checked as far as it can tell alone."""

from collections.abc import Mapping
from pathlib import Path

from watchbill.declare import checks
from watchbill.declare.dashboard_files import read_dashboard_file, read_dashboards
from watchbill.declare.entries import check_entry
from watchbill.declare.message_templates import with_templates
from watchbill.declare.own_names import dashboard_named, entry_named, read_own_names
from watchbill.declare.parts import (
    Parts,
    read_alerting,
    read_metrics,
    read_settings,
)
from watchbill.declare.queries import check_queries
from watchbill.declare.report_checks import read_reports
from watchbill.declare.rule_files import LocatedGroup, RuleParts, read_rule_file, read_rules
from watchbill.model.alerting import Alerting
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import Finding
from watchbill.model.metrics import MetricEntry
from watchbill.model.reports import Report
from watchbill.model.settings import Settings


def settings(include: Path, environ: Mapping[str, str]) -> Parts[Settings]:
    parts = read_settings(include, environ)
    wrong = [finding for one in parts.located for finding in checks.check_settings(one)]
    return Parts([] if wrong else parts.located, parts.findings + wrong, parts.documents)


def metrics(include: Path) -> Parts[MetricEntry]:
    parts = read_metrics(include)
    kept, doubles = checks.without_doubles(parts.located, lambda entry: entry.name, "name", "entry")
    wrong = {id(entry): [*check_entry(entry), *check_queries(entry)] for entry in kept}
    sound = [entry for entry in kept if not any(finding.severity == "error" for finding in wrong[id(entry)])]
    own = [finding for entry in kept for finding in wrong[id(entry)]]
    names, unnamed = read_own_names(include)
    called = [entry_named(entry, names) for entry in sound]
    return Parts(called, unnamed + parts.findings + doubles + own + checks.check_stored(called), parts.documents)


def rules(include: Path) -> RuleParts:
    return _checked(read_rules(include))


def rule_file(file: Path) -> RuleParts:
    return _checked(read_rule_file(file))


def _checked(parts: RuleParts) -> RuleParts:
    first_groups, findings = checks.without_doubles(
        (group.group for group in parts.groups), lambda group: group.name, "name", "group")
    kept = set(map(id, first_groups))
    for group in parts.groups:
        first_rules, doubles = checks.without_doubles(group.rules, lambda rule: rule.alert, "alert", "rule")
        kept.update(map(id, first_rules))
        findings += doubles
    every = [rule for group in parts.groups for rule in group.rules]
    first_rules, doubles = checks.without_doubles(
        (rule for rule in every if id(rule) in kept), checks.rule_identity, "alert", "rule")
    kept = kept.intersection(map(id, [*first_groups, *first_rules]))
    groups = [LocatedGroup(group.group, tuple(rule for rule in group.rules if id(rule) in kept))
              for group in parts.groups if id(group.group) in kept]
    findings += doubles + [finding for rule in every for finding in checks.check_rule(rule)]
    return RuleParts(groups, parts.findings + findings)


def alerting(include: Path) -> tuple[Parts[Alerting], list[Finding]]:
    """And apart what is wrong with its templates, which stops no message."""
    parts = read_alerting(include)
    unknown = [finding for document in parts.documents for finding in checks.check_receivers(document)]
    places = {(finding.line, finding.field) for finding in unknown}
    parts.findings = unknown + [one for one in parts.findings if (one.line, one.field) not in places]
    return with_templates(include, parts)


def reports(include: Path) -> Parts[Report]:
    parts = read_reports(include)
    kept, doubles = checks.without_doubles(parts.located, lambda report: report.name, "name", "report")
    return Parts(kept, parts.findings + doubles, parts.documents)


def dashboards(include: Path) -> Parts[Dashboard]:
    parts = read_dashboards(include)
    kept, doubles = checks.without_doubles(parts.located, lambda dashboard: dashboard.id, "id", "dashboard")
    return _named(include, Parts(kept, parts.findings + doubles, parts.documents))


def dashboard_file(include: Path, file: Path) -> Parts[Dashboard]:
    """One file, wherever it lies."""
    return _named(include, read_dashboard_file(include, file))


def _named(include: Path, parts: Parts[Dashboard]) -> Parts[Dashboard]:
    names, _ = read_own_names(include)  # what is wrong with them the metrics tell
    return Parts([dashboard_named(one, names) for one in parts.located], parts.findings, parts.documents)
