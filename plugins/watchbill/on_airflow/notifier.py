"""Failures of any DAG -> the same router as every other alert; the next success resolves them.

One line in any DAG file, after the DAG is declared: `watch(dag)`; or none in any, with the switch of policy.py. Two
callbacks are needed because a task that was killed never runs its own: the DAG's then speaks for it, with the same
labels, so that one failure is one alert.
"""

from typing import Any

from airflow.sdk import DAG, BaseNotifier, Context
from airflow.sdk.log import redact  # type: ignore[attr-defined]  # where the providers take it from

from watchbill.model.airflow_failures import WATCHED, Failed, of_dag, task_failed
from watchbill.model.alerts import Alert
from watchbill.on_airflow.windows import is_backfill, now_utc


class FailureNotifier(BaseNotifier):
    """For `on_failure_callback` of a task or a DAG. Silent for a backfill: nobody is paged for the past."""

    def __init__(self, severity: str = "error") -> None:
        super().__init__()
        self.severity = severity

    def notify(self, context: Context) -> None:
        from watchbill.on_airflow.delivery import send_now

        if not is_backfill(context):
            # A DAG's callback comes after the task's own, which knew the error: its words stay.
            send_now(failure(context, self.severity), None, now_utc(), unless_known="exception" not in context)


class RecoveryNotifier(BaseNotifier):
    """For `on_success_callback` of a DAG: resolves what its earlier runs raised; the past resolves nothing."""

    def notify(self, context: Context) -> None:
        from watchbill.on_airflow.delivery import resolve_now

        if not is_backfill(context):
            resolve_now(now_utc(), *of_dag(context["dag"].dag_id))


def watch(dag: DAG, severity: str = "error") -> None:
    """Page when the DAG or a task of it fails, and resolve with its next success.

    The DAG's tags say so too: where even its callbacks were not run, the scan of Airflow's API goes by them.
    """
    attach(dag, severity)
    dag.tags |= {WATCHED} if severity == "error" else {WATCHED, f"{WATCHED}: {severity}"}


def attach(dag: DAG, severity: str) -> None:
    """The callbacks of a watched DAG; those of ours that are there stay as they are."""
    failed = FailureNotifier(severity)
    for task in dag.tasks:
        task.on_failure_callback = _with(task.on_failure_callback, failed)
    dag.on_failure_callback = _with(dag.on_failure_callback, failed)
    dag.on_success_callback = _with(dag.on_success_callback, RecoveryNotifier())
    dag.has_on_failure_callback = dag.has_on_success_callback = True


def _with(callbacks: Any, ours: BaseNotifier) -> list[Any]:
    if callbacks is None:
        return [ours]
    there = list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]
    return there if any(isinstance(each, type(ours)) for each in there) else [*there, ours]


def failure(context: Context, severity: str) -> Alert:
    """The alert of a failed task, out of a task's or a DAG's callback; of a DAG where no task can be named."""
    task = context.get("task_instance")
    error = context.get("exception") or context.get("reason") or "the task ended without an error of its own"
    # What a task raised may hold anything: Airflow's own masker takes out what it knows to be secret.
    said = str(redact(f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else str(error)))
    failed = Failed(context["dag"].dag_id, context["run_id"], task.task_id if task else "",
                    getattr(task, "try_number", None), getattr(task, "log_url", None))
    return task_failed(failed, severity, said, now=now_utc())
