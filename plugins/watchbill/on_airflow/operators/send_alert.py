"""An alert by hand, in any DAG: the same ledger, routing and channels as every other."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from airflow.sdk import BaseOperator, Context

from watchbill.model.alerts import SEVERITIES, Alert, Channel, ChannelKind
from watchbill.model.failures import WatchbillError
from watchbill.model.windows import parse_duration, utc
from watchbill.on_airflow.windows import now_utc

CONNECTIONS: dict[ChannelKind, str] = {"slack": "slack_api_default", "email": "aws_default", "sns": "aws_default"}


class SendAlertOperator(BaseOperator):
    """Sends one alert at once; what cannot be delivered now is tried again at every tick.

    Raises TransportError where a channel refused it for good.

    `channels`: a list of `{"type": "slack" | "email" | "sns", "target": …}`, with `connection` where it is
    not the usual one. Empty: the routing of include/alerting.yaml decides, by the labels `alertname` (the
    title), `type`, `severity`, `dag_id` and those given here. It ends by itself after `ends_after`.
    """

    template_fields: Sequence[str] = (
        "type", "title", "message", "severity", "metadata", "channels", "labels", "ends_after")

    def __init__(self, *, title: str, message: Any = "", type: str = "manual", severity: str = "warning",  # noqa: A002
                 metadata: Any = None, channels: Any = None, labels: Any = None, ends_after: str = "4h",
                 **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.title = title
        self.message = message
        self.type = type
        self.severity = severity
        self.metadata = metadata
        self.channels = channels
        self.labels = labels
        self.ends_after = ends_after

    def execute(self, context: Context) -> list[dict[str, Any]]:
        from watchbill.on_airflow.delivery import require_delivery, send_now

        reports = send_now(self._alert(context), self._channels(), now_utc())
        require_delivery(reports)
        return [report.to_json() for report in reports]

    def _alert(self, context: Context) -> Alert:
        if self.severity not in SEVERITIES:
            raise WatchbillError(f"severity is {self.severity!r}: write one of {', '.join(SEVERITIES)}")
        run = context["dag_run"]
        labels = {
            "alertname": str(self.title), "type": str(self.type), "severity": self.severity,
            "dag_id": run.dag_id, "run_id": run.run_id,
            **{str(name): str(value) for name, value in (self.labels or {}).items()},
        }
        annotations = {"summary": str(self.title), "description": str(self.message or "")}
        # The run's own time, so that a task that runs twice speaks of the same alert.
        began = utc(run.run_after)
        return Alert(labels, began, type=str(self.type), annotations=annotations, metadata=self.metadata or {},
                     ends_at=began + self._span())

    def _span(self) -> timedelta:
        try:
            return parse_duration(str(self.ends_after))
        except ValueError as error:
            raise WatchbillError(f"ends_after: {error}") from None

    def _channels(self) -> list[Channel] | None:
        return [_channel(each) for each in self.channels] if self.channels else None


def _channel(declared: Mapping[str, Any]) -> Channel:
    kind, target = declared.get("type"), declared.get("target")
    if kind not in CONNECTIONS or not target:
        raise WatchbillError(f"a channel is {dict(declared)!r}: write {{'type': 'slack', 'target': '#alerts'}}, "
                             "with type slack, email or sns")
    known = cast(ChannelKind, kind)
    return Channel(known, str(target), str(declared.get("connection") or CONNECTIONS[known]))
