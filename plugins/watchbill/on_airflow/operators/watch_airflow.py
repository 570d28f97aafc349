"""Airflow's API -> alerts of failures that no callback told of."""

from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowSkipException

from watchbill.model.alerting import Alerting
from watchbill.model.failures import DeclarationError
from watchbill.on_airflow import declarations
from watchbill.on_airflow.windows import now_utc


class ScanFailuresOperator(BaseOperator):
    """Looks for failed tasks and runs since the last look, and for recoveries; skips itself without a connection."""

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002
        from watchbill.flows.scan_failures import scan_failures
        from watchbill.on_airflow.api import AirflowRestApi
        from watchbill.on_airflow.connections import open_ledger
        from watchbill.on_airflow.delivery import dispatch_now, require_delivery

        now, settings = now_utc(), declarations.settings()
        api = AirflowRestApi.open(settings.watch.connection)
        if api is None:
            raise AirflowSkipException(
                f"there is no Airflow connection {settings.watch.connection!r}: failures that no callback told of, "
                "as after a worker was killed, are not looked for. Add one, with the API server's host and port and a "
                "user who may read all DAGs")
        ledger = open_ledger(settings)
        scanned = scan_failures(api, ledger, _alerting(), settings.watch, now=now, tick=settings.tick)
        require_delivery(dispatch_now(ledger, now))
        return {"told": scanned.told, "recovered": scanned.recovered}


def _alerting() -> Alerting | None:
    try:
        return declarations.alerting()
    except DeclarationError:  # dispatch_now says so, once the alerts are in the ledger
        return None
