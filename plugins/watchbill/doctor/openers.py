"""How an examination comes to a client: what on_airflow gives, and tests may."""

from typing import Any, Protocol

from watchbill.alerts.ledger import Ledger
from watchbill.lake.files import Files
from watchbill.model.targets import Target


class Openers(Protocol):
    """Each raises WatchbillError where the connection is nowhere or lacks something."""

    def aws(self, service: str, target: Target) -> Any:
        """boto3's client of a service, which acts as the target says."""

    def datadog(self, conn_id: str) -> tuple[Any, str]:
        """The vendor's ApiClient, and the site."""

    def slack(self, conn_id: str) -> Any:
        """slack_sdk's WebClient."""

    def sender(self, conn_id: str) -> str:
        """The connection's own `from_email`, or nothing."""

    def lake(self) -> Files: ...

    def ledger(self) -> Ledger:
        """Opened, and not brought to a newer schema."""
