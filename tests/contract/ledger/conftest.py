"""The ledger's contract is run against both databases, each time empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from tests.postgres import postgres_server, postgres_url  # noqa: F401
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.tables import metadata


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/ledger.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = Ledger.open(url)
    opened.migrate()
    with opened.transaction() as tx:
        for table in metadata.tables.values():
            tx.execute(delete(table))
    yield opened
    opened.close()
