"""The one place that turns Airflow connections into lake, ledger, clients and senders.

Imported inside tasks and commands only: what stands here costs seconds at import.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from airflow.configuration import conf
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from sqlalchemy.engine import URL

from watchbill.alerts.ledger import Ledger
from watchbill.dashboards.live.cloud import Cloud
from watchbill.flows.plan_collection import OpenReader
from watchbill.lake.lake import Lake
from watchbill.model.alerts import Answer, Channel, Notification
from watchbill.model.failures import LakeError, LedgerError, TransportError, WatchbillError
from watchbill.model.metrics import MetricEntry
from watchbill.model.places import Place
from watchbill.model.reports import ReportMessage
from watchbill.model.settings import Settings
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.on_airflow.declarations import home_folder
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Request

_PROCESS = "_AIRFLOW_PROCESS_CONTEXT"

log = structlog.get_logger("watchbill")


@contextmanager
def outside_of_tasks() -> Iterator[None]:
    """For a command: inside, connections come from the environment, the secrets backend or Airflow's database.

    Hooks ask the supervisor of their task. Where there is none they pass over the database, unless the process says
    what those of Airflow's own commands say. Raises WatchbillError for a connection that is nowhere.
    """
    before = os.environ.get(_PROCESS)
    os.environ[_PROCESS] = "server"
    try:
        yield
    except AirflowNotFoundException as error:
        raise WatchbillError(f"{error}: add it to Airflow's connections, or set AIRFLOW_CONN_<ITS ID>") from None
    finally:
        del os.environ[_PROCESS]
        if before is not None:
            os.environ[_PROCESS] = before


def open_lake(settings: Settings) -> Lake:
    from watchbill.on_airflow.hooks.aws import s3_options

    return Lake.open(settings.lake.url, home=home_folder(), aws=lambda: s3_options(settings.lake.connection))


def open_ledger(settings: Settings) -> Ledger:
    """The state database, brought to the newest schema. Raises LedgerError."""
    ledger = Ledger.open(ledger_url(settings.ledger))
    ledger.migrate()
    return ledger


def ledger_url(conn_id: str) -> str:
    """The connection as an SQLAlchemy URL for psycopg 3, or for SQLite's file."""
    found = Connection.get(conn_id)
    if found.conn_type == "sqlite":
        return f"sqlite:///{found.host or found.schema}"
    if found.conn_type not in ("postgres", "postgresql"):
        raise LedgerError(f"the Airflow connection {conn_id!r} is of type {found.conn_type!r}: "
                          "the ledger lives in `postgres` or `sqlite`")
    host, query = found.host, {key: str(value) for key, value in found.extra_dejson.items()}
    if host and host.startswith("/"):  # the folder of a Unix socket has no place before the database
        query["host"], host = host, None
    url = URL.create("postgresql+psycopg", found.login, found.password, host, found.port, found.schema, query)
    return url.render_as_string(hide_password=False)


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


def readers(lake: Lake | None = None) -> OpenReader:
    """What opens a reader of a target, and raises SourceError. `lake`: keeps what AWS lists, where there is one."""
    listings = LakeListings(lake) if lake else None
    return lambda target: CloudWatchReader(target, listings) if target.source == "cloudwatch" else DatadogReader(target)


class LakeListings:
    """What AWS lists, kept in the lake for all workers. Where the lake fails, it is listed again."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def get(self, key: str, now: datetime) -> Any | None:  # noqa: ARG002 - the answer tells its own time
        try:
            return self._lake.kept(key)
        except LakeError as error:
            log.warning("listing_not_kept", error=str(error))
            return None

    def put(self, key: str, value: Any, now: datetime) -> None:  # noqa: ARG002
        try:
            self._lake.keep(key, value)
        except LakeError as error:
            log.warning("listing_not_kept", error=str(error))


class CloudWatchReader:
    """CloudWatch through an Airflow connection; the account's number is asked of STS."""

    def __init__(self, target: Target, listings: LakeListings | None) -> None:
        from watchbill.on_airflow.hooks.aws import CloudWatchHook

        self._target, self._listings = target, listings
        self._hook = CloudWatchHook(target.connection, **self._place())

    def plan(self, entries: Sequence[MetricEntry], window: Window, now: datetime,
             settle: timedelta | None) -> list[Request]:
        from watchbill.sources import cloudwatch

        hook = self._hook
        return cloudwatch.plan(hook.client(), entries, self._target, hook.account(), str(hook.conn_region_name),
                               window, now, settle=settle, listings=self._listings, tagging=self._tagging)

    def _place(self) -> dict[str, Any]:
        target = self._target
        return {"role": target.role, "external_id": target.external_id, "region_name": target.region or None}

    def _tagging(self) -> Any:
        from watchbill.on_airflow.hooks.aws import TaggingHook

        return TaggingHook(self._target.connection, **self._place()).conn

    def fetch(self, request: Request) -> Fetched:
        from watchbill.sources import cloudwatch

        return cloudwatch.fetch(self._hook.client(), request)


class DatadogReader:
    """Datadog through an Airflow connection."""

    def __init__(self, target: Target) -> None:
        from watchbill.on_airflow.hooks.datadog import DatadogHook

        self._target = target
        self._hook = DatadogHook(target.connection)

    def plan(self, entries: Sequence[MetricEntry], window: Window, now: datetime,
             settle: timedelta | None) -> list[Request]:
        from watchbill.sources import datadog

        return datadog.plan(entries, self._target, self._hook.site, window, now, settle=settle)

    def fetch(self, request: Request) -> Fetched:
        from watchbill.sources import datadog

        return datadog.fetch(self._hook.client, request)


def open_cloud(place: Place, settings: Settings) -> Cloud:
    """Where dashboards are kept, through the connection of the place."""
    owner = settings.dashboards.owner
    if place.cloud == "cloudwatch":
        from watchbill.dashboards.live.cloudwatch import CloudWatchCloud
        from watchbill.on_airflow.hooks.aws import CloudWatchHook

        return CloudWatchCloud(CloudWatchHook(place.connection).conn, owner)
    from watchbill.dashboards.live.datadog import DatadogCloud
    from watchbill.on_airflow.hooks.datadog import DatadogHook

    return DatadogCloud(DatadogHook(place.connection).client, owner)
