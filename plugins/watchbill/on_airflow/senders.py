"""Airflow connections -> notifications and reports on their way, each through its vendor's client.

Imported inside tasks and commands only.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from airflow.configuration import conf

from watchbill.model.alerts import Answer, Channel, Notification
from watchbill.model.failures import TransportError
from watchbill.model.reports import ReportMessage


class Sender:
    """Sends one notification or report to its vendor, once. Raises TransportError.

    A connection is asked for and its client made for the first that needs it, and kept as long as this.
    """

    def __init__(self) -> None:
        self._base_url = conf.get("api", "base_url", fallback="")
        self._hooks: dict[tuple[str, str], Any] = {}

    def __call__(self, notification: Notification) -> Answer:
        told, channel = replace(notification, base_url=self._base_url), notification.channel
        return _SENDERS[channel.kind](told, self._hook(channel))

    def report(self, message: ReportMessage, channel: Channel) -> Answer:
        from watchbill.channels import report_email, report_slack, report_sns

        hook = self._hook(channel)
        if channel.kind == "slack":
            return report_slack.send(message, channel, hook.client)
        if channel.kind == "sns":
            return report_sns.send(message, channel, hook.conn)
        return report_email.send(message, channel, hook.conn, sender=_sender(channel, hook.sender))

    def _hook(self, channel: Channel) -> Any:
        key = channel.kind, channel.connection
        if key not in self._hooks:
            self._hooks[key] = _made(*key)
        return self._hooks[key]


def _made(kind: str, connection: str) -> Any:
    if kind == "slack":
        from watchbill.on_airflow.hooks.slack import SlackHook

        return SlackHook(connection)
    from watchbill.on_airflow.hooks.aws import SesHook, SnsHook

    return SesHook(connection) if kind == "email" else SnsHook(connection)


def _slack(notification: Notification, hook: Any) -> Answer:
    from watchbill.channels import slack

    return slack.send(notification, hook.client)


def _email(notification: Notification, hook: Any) -> Answer:
    from watchbill.channels import email

    return email.send(notification, hook.conn, sender=_sender(notification.channel, hook.sender))


def _sender(channel: Channel, usual: str) -> str:
    sender = str(channel.options.get("from") or usual)
    if not sender:
        raise TransportError(
            f"no sender: write `from` in the receiver's email_configs, or `from_email` into the extra of the "
            f"Airflow connection {channel.connection!r}", permanent=True)
    return sender


def _sns(notification: Notification, hook: Any) -> Answer:
    from watchbill.channels import sns

    return sns.send(notification, hook.conn)


_SENDERS: dict[str, Callable[[Notification, Any], Answer]] = {"slack": _slack, "email": _email, "sns": _sns}
