"""A ledger for stories of the command: a file of SQLite behind Airflow's connection, with alerts that fire."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watchbill.alerts import states
from watchbill.alerts.ledger import Ledger
from watchbill.model.alerts import Alert

BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def make_ledger(home: Path, *services: str) -> Ledger:
    """`Errors` of each service fires since an hour ago; `home` has the declarations too."""
    (home / "include").mkdir()
    ledger = Ledger.open(f"sqlite:///{home}/ledger.db")
    ledger.migrate()
    with ledger.transaction() as tx:
        for service in services:
            states.put(tx, Alert({"alertname": "Errors", "service": service}, BEGAN), states.SENT, "firing", now=BEGAN)
    return ledger


def environ(home: Path) -> dict[str, str]:
    place = {"conn_type": "sqlite", "host": f"{home}/ledger.db"}
    return {"AIRFLOW_HOME": str(home), "AIRFLOW_CONN_WATCHBILL_LEDGER": json.dumps(place)}
