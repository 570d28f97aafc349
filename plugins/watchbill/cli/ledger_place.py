"""Which ledger a command is about: the declarations in, the state database of their Airflow connection out."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from watchbill.cli.airflow_output import airflow_on_stderr
from watchbill.declare.load import load_settings
from watchbill.model.failures import LedgerError

if TYPE_CHECKING:
    from watchbill.alerts.ledger import Ledger


def open_ledger(include: Path) -> "Ledger":
    """The ledger that watchbill.yaml names, at the newest schema. Raises DeclarationError, WatchbillError."""
    settings = load_settings(include, os.environ)
    with airflow_on_stderr():
        from watchbill.alerts.ledger import Ledger
        from watchbill.on_airflow.connections import ledger_url, outside_of_tasks

        with outside_of_tasks():
            url = ledger_url(settings.ledger)
        _require_file(settings.ledger, url)
        ledger = Ledger.open(url)
        ledger.migrate()
    return ledger


def _require_file(conn_id: str, url: str) -> None:
    """SQLite would make a new file in a wrong place, and it would seem that nothing ever happened."""
    from sqlalchemy.engine import make_url  # heavy, and most commands need no ledger

    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise LedgerError(f"there is no ledger in {parsed.database}: the first run of evaluate_alerts makes it, or the "
                          f"Airflow connection {conn_id!r} names another file")
