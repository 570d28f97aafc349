"""Watchbill itself, watched: rules unjudged, sources uncollected, a ledger away; and a heartbeat for outside."""

from typing import Any

from airflow.sdk import BaseOperator, Context, Variable

from watchbill.declare.load import Declarations
from watchbill.model.alerting import Alerting
from watchbill.model.failures import LedgerError, WatchbillError
from watchbill.model.settings import Settings
from watchbill.on_airflow import declarations
from watchbill.on_airflow.windows import now_utc

LEDGER_AWAY = "watchbill_ledger_away"
"""The Airflow variable that remembers who was told while the ledger cannot; there only then."""


class WatchWatchbillOperator(BaseOperator):
    """Tells through the router and, where the ledger is away, directly; then beats.

    Raises LedgerError after it has told. Without a beat, as where nobody could be told, the alarm outside goes off.
    """

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002
        declared = declarations.everything()
        settings, report = declared.require_settings(), dict[str, Any]()
        try:
            report = self._check(settings, declared)
        except LedgerError as error:
            self._tell_directly(error, settings, declared.alerting)
            beat(settings)
            raise
        except WatchbillError:  # which the ledger can be told of
            beat(settings)
            raise
        beat(settings)
        return report

    def _check(self, settings: Settings, declared: Declarations) -> dict[str, Any]:
        from watchbill.flows.check_dead_man import check_dead_man
        from watchbill.on_airflow.connections import open_lake, open_ledger
        from watchbill.on_airflow.delivery import dispatch_now, require_delivery
        from watchbill.on_airflow.metrics import publish

        now, ledger = now_utc(), open_ledger(settings)
        self._tell_that_it_is_back(settings, declared.alerting)
        found = check_dead_man(declared.groups, declared.metrics, settings, open_lake(settings), ledger,
                               declared.alerting, now=now)
        publish(found, now)
        require_delivery(dispatch_now(ledger, now))
        return {"overdue": found.overdue, "lags_s": found.lags_s}

    def _tell_directly(self, error: LedgerError, settings: Settings, alerting: Alerting | None) -> None:
        from watchbill.flows.tell_directly import ledger_away
        from watchbill.on_airflow.metrics import publish_ledger_away
        from watchbill.on_airflow.senders import Sender

        publish_ledger_away()
        if alerting is None:
            raise declarations.everything().errors("alerting.yaml") or error
        told = Variable.get(LEDGER_AWAY, default=None, deserialize_json=True)
        remembered = ledger_away(str(error), told, alerting, settings.dead_man, Sender(), now=now_utc())
        if remembered != told:
            Variable.set(LEDGER_AWAY, remembered, "Who watches Watchbill: since when its ledger is away",
                         serialize_json=True)

    def _tell_that_it_is_back(self, settings: Settings, alerting: Alerting | None) -> None:
        from watchbill.flows.tell_directly import ledger_is_back
        from watchbill.on_airflow.senders import Sender

        told = Variable.get(LEDGER_AWAY, default=None, deserialize_json=True)
        if told is not None and alerting is not None:
            ledger_is_back(told, alerting, settings.dead_man, Sender(), now=now_utc())
            Variable.delete(LEDGER_AWAY)


def beat(settings: Settings) -> None:
    """Puts the metric and keeps the alarm as declared; nothing where no heartbeat is. Raises SourceError."""
    if settings.heartbeat is None:
        return
    from watchbill.flows import heartbeat
    from watchbill.on_airflow.hooks.aws import CloudWatchHook
    from watchbill.sources.errors import Asked
    from watchbill.sources.errors.cloudwatch import explained

    hook = CloudWatchHook(settings.heartbeat.connection)
    client, region = hook.client(), str(hook.region_name)
    with explained(Asked("CloudWatch", region, settings.heartbeat.connection, "PutMetricData")):
        heartbeat.beat(client, settings.heartbeat)
    with explained(Asked("CloudWatch", region, settings.heartbeat.connection, "PutMetricAlarm")):
        heartbeat.sync_alarm(client, heartbeat.alarm(settings, settings.heartbeat))
