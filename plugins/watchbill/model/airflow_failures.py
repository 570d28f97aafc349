"""Failures of DAGs as alerts, in the same words whoever saw them: a callback, a deadline, or the scan of Airflow's API.

Labels are an alert's identity: what has the same ones is one alert.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchbill.model.alerts import Alert, Severity

TASK_FAILED, DEADLINE_MISSED = "AirflowTaskFailed", "AirflowDeadlineMissed"
TYPE = "airflow"
EXPIRY = timedelta(days=7)
"""An alert that nobody resolves ends by then; Alertmanager's five minutes would call a broken DAG healthy."""
FAILED_AT = "failed_at"
WATCHED = "watched"  # the tag of a DAG whose failures are told
SILENT = "backfill"  # the type of runs that nobody is paged for


@dataclass(frozen=True)
class Failed:
    """One failure: of a task or, where none can be named, of a whole run."""

    dag_id: str
    run_id: str
    task_id: str = ""
    try_number: int | None = None
    log_url: str | None = None

    @property
    def name(self) -> str:
        return f"{self.dag_id}.{self.task_id}" if self.task_id else self.dag_id


def task_failed(failed: Failed, severity: str, said: str, *, now: datetime, at: datetime | None = None) -> Alert:
    """`at`: when it failed, where that is another time than `now`, at which the alert begins to count."""
    metadata = {"dag": failed.dag_id, "task": failed.task_id, "run": failed.run_id, "try": failed.try_number,
                "error": said, "log": failed.log_url, FAILED_AT: at.isoformat() if at else None}
    labels = {"alertname": TASK_FAILED, "severity": severity, "dag_id": failed.dag_id, "task_id": failed.task_id}
    return _alert(labels, f"{failed.name} failed", said, metadata, now, at or now)


def deadline_missed(dag_id: str, run_id: str, severity: str, deadline: str, *, now: datetime) -> Alert:
    said = f"the run {run_id} has not ended by {deadline}"
    labels = {"alertname": DEADLINE_MISSED, "severity": severity, "dag_id": dag_id}
    metadata = {"dag": dag_id, "run": run_id, "deadline": deadline}
    return _alert(labels, f"{dag_id} missed its deadline", said, metadata, now, now)


def _alert(labels: Mapping[str, str], summary: str, said: str, metadata: Mapping[str, Any], now: datetime,
           starts_at: datetime) -> Alert:
    return Alert(
        {name: value for name, value in labels.items() if value}, starts_at, type=TYPE, ends_at=now + EXPIRY,
        annotations={"summary": summary, "description": said},
        metadata={name: value for name, value in metadata.items() if value},
    )


def of_dag(dag_id: str) -> list[dict[str, str]]:
    """The labels by which a DAG's next success finds what it ends."""
    return [{"alertname": alertname, "dag_id": dag_id} for alertname in (TASK_FAILED, DEADLINE_MISSED)]


def severity_of(tags: tuple[str, ...] | None, usual: Severity) -> str:
    """What `watch(dag, severity)` has written into a DAG's tags; `usual` for one that says nothing of watching."""
    if tags is None:
        return usual
    return next((tag.removeprefix(f"{WATCHED}: ") for tag in tags if tag.startswith(f"{WATCHED}: ")), "error")
