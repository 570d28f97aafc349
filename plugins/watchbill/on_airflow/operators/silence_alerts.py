"""Silences by hand or by a DAG, around a maintenance for example: what matches is told to nobody for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from airflow.sdk import BaseOperator, Context

from watchbill.model.failures import WatchbillError
from watchbill.on_airflow import declarations
from watchbill.on_airflow.windows import moment, now_utc, span


class SilenceAlertsOperator(BaseOperator):
    """Adds one silence, or ends those of `expire`, or both; returns them. A task that is tried again adds none.

    `matchers`: a list of texts such as `service="checkout"`, all of which must match. From `start` (or now) to `end`
    (or for `duration`). `author`: who is asked why; else who triggered the run.
    """

    template_fields: Sequence[str] = ("matchers", "comment", "duration", "start", "end", "author", "expire")

    def __init__(self, *, matchers: Any = (), comment: Any = "", duration: Any = "1h", start: Any = None,
                 end: Any = None, author: Any = "", expire: Any = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.matchers = matchers
        self.comment = comment
        self.duration = duration
        self.start = start
        self.end = end
        self.author = author
        self.expire = expire

    def execute(self, context: Context) -> list[dict[str, Any]]:
        from watchbill.flows.silence_alerts import expire_silences
        from watchbill.on_airflow.connections import open_ledger

        if not self.matchers and not self.expire:
            raise WatchbillError("there is nothing to do: give matchers to silence, or ids of silences to expire")
        now, author = now_utc(), author_of(self.author, context)
        ledger = open_ledger(declarations.settings_or_defaults())
        found = expire_silences(ledger, [str(each) for each in self.expire or ()], by=author, now=now, again=True)
        if self.matchers:
            found.append(self._silence(context, ledger, author, now))
        return [_plain(silence.to_json(now)) for silence in found]

    def _silence(self, context: Context, ledger: Any, author: str, now: datetime) -> Any:
        from watchbill.flows.silence_alerts import silence_alerts
        from watchbill.model.silences import parse_words

        task = context["ti"]
        name = uuid5(NAMESPACE_URL, f"{task.dag_id}/{task.run_id}/{task.task_id}/{task.map_index}")
        starts_at = max(moment("start", self.start), now) if self.start else now
        ends_at = moment("end", self.end) if self.end else starts_at + self._span()
        return silence_alerts(ledger, parse_words([str(each) for each in self.matchers]), starts_at=starts_at,
                              ends_at=ends_at, author=author, comment=str(self.comment), now=now, name=str(name))

    def _span(self) -> timedelta:
        return span("duration", self.duration)


def author_of(given: Any, context: Context) -> str:
    """Who is named; else who triggered the run; else the run itself."""
    run = context["dag_run"]
    return str(given or getattr(run, "triggering_user_name", None) or f"{run.dag_id} {run.run_id}")


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in told.items()}
