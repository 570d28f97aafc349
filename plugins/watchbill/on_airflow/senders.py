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
    """Sends one notification to its vendor, once. Raises TransportError.

    A connection is asked for and its client made for the first notification that needs it, and kept as long as this.
    """

    def __init__(self) -> None:
        self._base_url = conf.get("api", "base_url", fallback="")
        self._hooks: dict[tuple[str, str], Any] = {}

    def __call__(self, notification: Notification) -> Answer:
        kind, connection = notification.channel.kind, notification.channel.connection
        make, send = _SENDERS[kind]
        if (kind, connection) not in self._hooks:
            self._hooks[kind, connection] = make(connection)
        return send(replace(notification, base_url=self._base_url), self._hooks[kind, connection])


def _slack_hook(connection: str) -> Any:
    from watchbill.on_airflow.hooks.slack import SlackHook

    return SlackHook(connection)


def _ses_hook(connection: str) -> Any:
    from watchbill.on_airflow.hooks.aws import SesHook

    return SesHook(connection)


def _sns_hook(connection: str) -> Any:
    from watchbill.on_airflow.hooks.aws import SnsHook

    return SnsHook(connection)


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


def send_report_to(message: ReportMessage, channel: Channel) -> Answer:
    """One report to one channel, once. Raises TransportError."""
    from watchbill.channels import report_email, report_slack, report_sns

    hook = _SENDERS[channel.kind][0](channel.connection)
    if channel.kind == "slack":
        return report_slack.send(message, channel, hook.client)
    if channel.kind == "sns":
        return report_sns.send(message, channel, hook.conn)
    return report_email.send(message, channel, hook.conn, sender=_sender(channel, hook.sender))


_SENDERS: dict[str, tuple[Callable[[str], Any], Callable[[Notification, Any], Answer]]] = {
    "slack": (_slack_hook, _slack), "email": (_ses_hook, _email), "sns": (_sns_hook, _sns)}
