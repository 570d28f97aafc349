"""Where Airflow keeps what the user declares: the include folder beside plugins/, or WATCHBILL_INCLUDE."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from airflow.sdk import conf

from watchbill.declare.load import (
    Declarations,
    load,
    load_alerting,
    load_dashboards,
    load_metrics,
    load_reports,
    load_rules,
    load_settings,
)
from watchbill.model.alerting import Alerting
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import DeclarationError, Finding
from watchbill.model.metrics import MetricEntry
from watchbill.model.reports import Report
from watchbill.model.rules import RuleGroup
from watchbill.model.settings import Settings


def include_folder() -> Path:
    """The folder of YAML. Raises DeclarationError where there is none: nothing would seem to be declared."""
    named = os.environ.get("WATCHBILL_INCLUDE")
    folder = Path(named) if named else Path(conf.get("core", "plugins_folder")).parent / "include"
    if not folder.is_dir():
        raise DeclarationError([Finding(str(folder), 0, "", "is no folder",
                                        "name the one that holds watchbill.yaml in WATCHBILL_INCLUDE")])
    return folder


def home_folder() -> Path:
    """What a relative `lake.url` starts from: AIRFLOW_HOME."""
    return Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser()


def everything() -> Declarations:
    """All that can be used, with the findings about the rest. Raises DeclarationError where there is no folder."""
    return load(include_folder(), os.environ)


def settings() -> Settings:
    """include/watchbill.yaml. Raises DeclarationError."""
    return load_settings(include_folder(), os.environ)


def settings_or_defaults() -> Settings:
    """For what must go on whatever the YAML says: DAG files, and alerts on their way out."""
    try:
        return settings()
    except DeclarationError:
        return Settings()


def problems(*reads: Callable[[], object]) -> str:
    """What the functions of this module raise about the YAML, a line for each finding; empty where all is well."""
    found: list[Finding] = []
    for read in reads:
        try:
            read()
        except DeclarationError as error:
            found += error.findings
    return "\n".join(str(finding) for finding in dict.fromkeys(found))


def rules() -> tuple[RuleGroup, ...]:
    """include/rules. Raises DeclarationError."""
    return load_rules(include_folder(), os.environ)


def alerting() -> Alerting:
    """include/alerting.yaml. Raises DeclarationError."""
    return load_alerting(include_folder(), os.environ)


def dashboards() -> tuple[Dashboard, ...]:
    """include/dashboards. Raises DeclarationError."""
    return load_dashboards(include_folder(), os.environ)


def ids(read: Callable[[], Iterable[Dashboard]]) -> list[str]:
    """For DAG files, which are there whatever the YAML says; none where it is broken."""
    try:
        return [each.id for each in read()]
    except DeclarationError:
        return []


def reports() -> tuple[Report, ...]:
    """include/reports. Raises DeclarationError."""
    return load_reports(include_folder(), os.environ)


def metric_entries(names: Iterable[str] | None = None) -> list[MetricEntry]:
    """include/metrics, or those entries that are named. Raises DeclarationError, WatchbillError."""
    return list(load_metrics(include_folder(), os.environ, names or ()))
