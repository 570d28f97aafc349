"""A run that takes too long -> the same router as every other alert; the DAG's next success resolves it.

One line in a DAG's file: `DAG(…, deadline=finish_within(timedelta(hours=1)))`. Airflow's scheduler sees that a deadline
has passed, and its triggerer calls the notifier: without a triggerer nobody hears of it.
"""

import asyncio
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseNotifier, Context
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from watchbill.model.airflow_failures import SILENT, deadline_missed
from watchbill.on_airflow.windows import now_utc


class DeadlineNotifier(BaseNotifier):
    """For `AsyncCallback`, with any DeadlineReference. Silent for a backfill: nobody is paged for the past."""

    def __init__(self, severity: str = "warning", context: Context | None = None) -> None:
        super().__init__(context)
        self.severity = severity

    async def async_notify(self, context: Context) -> None:
        """In a thread: the triggerer's loop, with the triggers of everybody else, goes on."""
        await asyncio.to_thread(self.notify, context)

    def notify(self, context: Context) -> None:
        from watchbill.on_airflow.delivery import send_now

        run: Any = context["dag_run"]  # JSON here, and no more of the context than this and the deadline
        if run["run_type"] != SILENT:
            deadline = str(context["deadline"]["deadline_time"])  # type: ignore[typeddict-item]
            send_now(deadline_missed(run["dag_id"], run["dag_run_id"], self.severity, deadline, now=now_utc()), None,
                     now_utc())


def finish_within(span: timedelta, severity: str = "warning",
                  reference: Any = DeadlineReference.DAGRUN_QUEUED_AT) -> DeadlineAlert:
    """A deadline for each run, counted from when it was queued.

    Not from its logical date, which is long past for a run that is caught up or filled in later.
    """
    return DeadlineAlert(reference, span, AsyncCallback(DeadlineNotifier, kwargs={"severity": severity}))
