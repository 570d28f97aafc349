"""Airflow connections -> the clients that `watchbill doctor` looks through: those that Watchbill works with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow.sdk.exceptions import AirflowNotFoundException

from watchbill.alerts.ledger import Ledger
from watchbill.lake.files import Files
from watchbill.model.failures import WatchbillError
from watchbill.model.settings import Settings
from watchbill.model.targets import Target
from watchbill.on_airflow.connections import ledger_url, open_lake


class AirflowOpeners:
    """doctor.Openers through Airflow's own connections."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients: dict[tuple[str, Target], Any] = {}

    def aws(self, service: str, target: Target) -> Any:
        """Raises what boto3 raises too, where a role cannot be assumed."""
        if (service, target) not in self._clients:
            self._clients[service, target] = self._aws(service, target)
        return self._clients[service, target]

    def _aws(self, service: str, target: Target) -> Any:
        from watchbill.on_airflow.hooks.aws import CloudWatchHook

        with _found():
            hook = CloudWatchHook(target.connection, role=target.role, external_id=target.external_id,
                                  region_name=target.region or None)
            hook.client_type = service
            return hook.conn

    def datadog(self, conn_id: str) -> tuple[Any, str]:
        from watchbill.on_airflow.hooks.datadog import DatadogHook

        with _found():
            hook = DatadogHook(conn_id)
            return hook.client, hook.site

    def slack(self, conn_id: str) -> Any:
        from watchbill.on_airflow.hooks.slack import SlackHook

        with _found():
            return SlackHook(conn_id).client

    def sender(self, conn_id: str) -> str:
        from watchbill.on_airflow.hooks.aws import SesHook

        with _found():
            return SesHook(conn_id).sender

    def lake(self) -> Files:
        with _found():
            return open_lake(self._settings).files

    def ledger(self) -> Ledger:
        with _found():
            return Ledger.open(ledger_url(self._settings.ledger))


@contextmanager
def _found() -> Iterator[None]:
    """Raises WatchbillError for a connection that is nowhere."""
    try:
        yield
    except AirflowNotFoundException as error:
        raise WatchbillError(f"{error}: add it to Airflow's connections, or set AIRFLOW_CONN_<ITS ID>") from None
