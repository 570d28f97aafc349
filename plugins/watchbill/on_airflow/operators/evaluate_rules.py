"""lake -> rules -> alert state and outbox -> the receivers that have something due."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context

from watchbill.model.failures import TransportError
from watchbill.model.series import SOURCES, Source
from watchbill.model.windows import floor_time, utc
from watchbill.on_airflow import declarations
from watchbill.on_airflow.assets import COLLECTED
from watchbill.on_airflow.windows import now_utc


class EvaluateRulesOperator(BaseOperator):
    """Judges every rule up to what its source has brought; returns the receivers with something due.

    Rules of a broken file are left out and the others judged, delivered and only then the error raised:
    a typo must not silence the rest.
    """

    def execute(self, context: Context) -> list[str]:
        from watchbill.flows.dispatch_notifications import dispatch_notifications
        from watchbill.flows.evaluate_rules import evaluate_rules
        from watchbill.on_airflow.connections import open_lake, open_ledger
        from watchbill.on_airflow.delivery import deliver

        now, declared = now_utc(), declarations.everything()
        settings, broken = declared.require_settings(), declared.errors("rules/", "alerting.yaml")
        lake, ledger = open_lake(settings), open_ledger(settings)
        for source, at in moments(context, settings.tick, now).items():
            if not len(lake.series_rows(source)):
                self.log.info("Nothing was ever collected from %s: there is nothing to judge yet", source)
                continue
            evaluate_rules(declared.groups, settings, lake, ledger, sources={source}, at=at, now=now, retire=not broken,
                           entries=declared.metrics)
        receivers = dispatch_notifications(declared.alerting, ledger, now=now, tick=settings.tick)
        if broken:
            for receiver in receivers:
                deliver(ledger, receiver, now)
            raise broken
        return receivers


def moments(context: Context, tick: timedelta, now: datetime) -> dict[Source, datetime]:
    """Up to when each source may be judged.

    A collection's event says so for its source. A run without one, half a tick after a tick, judges the tick before
    that one: by then the collection has come, or it has failed and that is the finding.
    """
    events = context.get("triggering_asset_events") or {}
    ends = {source: [utc(datetime.fromisoformat(event.extra["end"])) for event in events.get(asset, ())]
            for source, asset in COLLECTED.items()}
    if any(ends.values()):
        return {source: max(found) for source, found in ends.items() if found}
    end = context.get("data_interval_end")
    behind = floor_time(utc(end) if end else now, int(tick.total_seconds())) - tick
    return dict.fromkeys(SOURCES, behind)


class DeliverNotificationsOperator(BaseOperator):
    """Sends what is due to one receiver, channel by channel; mapped over the receivers.

    Fails when a channel refused for good, so that somebody looks, and where a FIFO topic may have taken what it gave no
    answer to: that is asked again while it knows. What else may still succeed is tried again at the next tick.
    """

    template_fields: Sequence[str] = ("receiver",)

    def __init__(self, *, receiver: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.receiver = receiver

    def execute(self, context: Context) -> dict[str, Any]:
        from watchbill.on_airflow.connections import open_ledger
        from watchbill.on_airflow.delivery import deliver, require_delivery

        report = deliver(open_ledger(declarations.settings()), self.receiver, now_utc(), _name(context))
        require_delivery([report])
        if report.unsure:
            unsure = "; ".join(f"{each['target']}: {each['error']}" for each in report.unsure)
            raise TransportError(unsure, ambiguous=True)
        return report.to_json()


def _name(context: Context) -> str:
    """The task instance, whichever try."""
    ti = context["ti"]
    return f"{ti.dag_id}/{ti.run_id}/{ti.task_id}/{ti.map_index}"
