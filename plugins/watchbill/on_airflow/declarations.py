"""Where Airflow keeps what the user declares: the include folder beside plugins/, or WATCHBILL_INCLUDE."""

import os
from collections.abc import Iterable
from pathlib import Path

from airflow.sdk import conf

from watchbill.declare.load import (
    Declarations,
    load,
    load_alerting,
    load_dashboards,
    load_metrics,
    load_settings,
)
from watchbill.model.alerting import Alerting
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import DeclarationError, WatchbillError
from watchbill.model.metrics import MetricEntry
from watchbill.model.settings import Settings


def include_folder() -> Path:
    """The folder of YAML."""
    named = os.environ.get("WATCHBILL_INCLUDE")
    return Path(named) if named else Path(conf.get("core", "plugins_folder")).parent / "include"


def home_folder() -> Path:
    """What a relative `lake.url` starts from: AIRFLOW_HOME."""
    return Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser()


def everything() -> Declarations:
    """All that can be used, with the findings about the rest."""
    return load(include_folder(), os.environ)


def settings() -> Settings:
    """include/watchbill.yaml. Raises DeclarationError."""
    return load_settings(include_folder(), os.environ)


def settings_or_defaults() -> tuple[Settings, str]:
    """For DAG files, which must show in Airflow whatever the YAML says: the settings, and what is wrong."""
    try:
        return settings(), ""
    except DeclarationError as error:
        return Settings(), str(error)


def alerting() -> Alerting:
    """include/alerting.yaml. Raises DeclarationError."""
    return load_alerting(include_folder(), os.environ)


def dashboards() -> tuple[Dashboard, ...]:
    """include/dashboards. Raises DeclarationError."""
    return load_dashboards(include_folder(), os.environ)


def metric_entries(names: Iterable[str] | None = None) -> list[MetricEntry]:
    """include/metrics, or those entries that are named. Raises DeclarationError, WatchbillError."""
    entries = load_metrics(include_folder(), os.environ)
    wanted = set(names or ())
    unknown = wanted - {entry.name for entry in entries}
    if unknown:
        raise WatchbillError(f"no metric entry is called {', '.join(sorted(unknown))}; "
                             f"there are {', '.join(sorted(entry.name for entry in entries))}")
    return [entry for entry in entries if not wanted or entry.name in wanted]
