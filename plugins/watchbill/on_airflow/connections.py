"""Airflow connections -> lake, ledger and the clouds of dashboards. What reads and what sends stands beside it.

Imported inside tasks and commands only: what stands here costs seconds at import.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from sqlalchemy.engine import URL

from watchbill.alerts.ledger import Ledger
from watchbill.dashboards.live.cloud import Cloud
from watchbill.lake.lake import Lake
from watchbill.model.failures import LedgerError, WatchbillError
from watchbill.model.places import Place
from watchbill.model.settings import Settings
from watchbill.on_airflow.declarations import home_folder

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
