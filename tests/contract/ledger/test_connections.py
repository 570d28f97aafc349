"""A connection that was cut: noticed before it is used where it has rested, and after one failure where it has not."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from tests.postgres import postgres_server, postgres_url  # noqa: F401 - fixtures
from watchbill.alerts import database
from watchbill.alerts.ledger import Ledger
from watchbill.model.failures import LedgerError


@pytest.fixture
def opened(postgres_url: str) -> Iterator[Ledger]:  # noqa: F811
    one = Ledger.open(postgres_url)
    one.migrate()
    yield one
    one.close()


def _cut(ledger: Ledger, url: str) -> int:
    """Ends the connection that the ledger keeps, as a restart of the server does; its process."""
    with ledger.transaction(reads=True) as tx:
        served = _server_process(tx)
    other = Ledger.open(url)
    with other.transaction() as tx:
        assert tx.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": served}).scalar_one()
    other.close()
    return served


def _server_process(tx: Connection) -> int:
    return int(tx.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_one_that_rested_is_replaced(opened: Ledger, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(database, "RESTED_S", 0.0)
    served = _cut(opened, postgres_url)
    with opened.transaction(reads=True) as tx:
        assert _server_process(tx) != served


def test_one_that_did_not_fails_once(opened: Ledger, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(database, "RESTED_S", 60.0)
    served = _cut(opened, postgres_url)
    with pytest.raises(LedgerError), opened.transaction(reads=True) as tx:
        _server_process(tx)
    with opened.transaction(reads=True) as tx:
        assert _server_process(tx) != served


def test_times_come_in_utc(opened: Ledger) -> None:
    with opened.transaction(reads=True) as tx:
        assert tx.execute(text("SHOW TIME ZONE")).scalar_one() == "UTC"
