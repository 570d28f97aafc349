"""Acknowledgements by hand, from a form: somebody has taken alerts on, or gives them back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from airflow.sdk import BaseOperator, Context

from watchbill.model.failures import WatchbillError
from watchbill.on_airflow import declarations
from watchbill.on_airflow.operators.silence_alerts import author_of
from watchbill.on_airflow.windows import moment, now_utc, span


class AcknowledgeAlertsOperator(BaseOperator):
    """Stops repeats and escalation of alerts that fire, or with `withdraw` lets them go on; returns which.

    `alerts`: fingerprints, or matchers that all must match. Until they resolve or, with `for_` (a duration) or `until`
    (a time), until then. `author`: who is asked; else who triggered the run. A task may be tried again.
    """

    template_fields: Sequence[str] = ("alerts", "comment", "for_", "until", "author", "withdraw")

    def __init__(self, *, alerts: Any, comment: Any = "", for_: Any = None, until: Any = None, author: Any = "",
                 withdraw: Any = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alerts = alerts
        self.comment = comment
        self.for_ = for_
        self.until = until
        self.author = author
        self.withdraw = withdraw

    def execute(self, context: Context) -> list[str]:
        from watchbill.flows.acknowledge_alerts import acknowledge_alerts, unacknowledge_alerts
        from watchbill.model.alert_words import parse_alert_words
        from watchbill.on_airflow.connections import open_ledger

        now, author = now_utc(), author_of(self.author, context)
        marks, matchers = parse_alert_words([str(each) for each in self.alerts or ()])
        if not marks and not matchers:
            raise WatchbillError("there is nothing to do: give fingerprints, or matchers")
        until = self._until(now)
        ledger = open_ledger(declarations.settings_or_defaults())
        if self.withdraw:
            found = unacknowledge_alerts(ledger, fingerprints=marks, matchers=matchers, by=author, now=now, again=True)
        else:
            task = context["ti"]
            name = uuid5(NAMESPACE_URL, f"{task.dag_id}/{task.run_id}/{task.task_id}/{task.map_index}")
            found = acknowledge_alerts(ledger, fingerprints=marks, matchers=matchers, author=author,
                                       comment=str(self.comment or ""), until=until, now=now, name=str(name))
        return [one.fingerprint for one in found]

    def _until(self, now: datetime) -> datetime | None:
        if self.for_ and self.until:
            raise WatchbillError("give a time or a duration, not both")
        if self.for_:
            return now + span("for", self.for_)
        return moment("until", self.until) if self.until else None
