"""A sandbox that lives by a clock of ours, and both databases, each time empty."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from sandbox.server import Sandbox
from tests.faults.trial import Clock, Trial
from tests.postgres import postgres_server, postgres_url  # noqa: F401
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.tables import metadata


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes an empty ledger's."""
    made = iter(range(10_000))

    def empty() -> str:
        if request.param == "sqlite":
            return f"sqlite:///{tmp_path}/ledger-{next(made)}/ledger.db"
        found: str = request.getfixturevalue("postgres_url")
        ledger = Ledger.open(found)
        ledger.migrate()
        with ledger.transaction() as tx:
            for table in metadata.tables.values():
                tx.execute(delete(table))
        ledger.close()
        return found

    return empty


@pytest.fixture
def trial(sandbox: Sandbox, clock: Clock, tmp_path: Path, url: Callable[[], str]) -> Callable[..., Trial]:
    made = iter(range(10_000))

    def new(*services: str) -> Trial:
        folder = tmp_path / f"trial-{next(made)}"
        folder.mkdir()
        return Trial(sandbox, clock, folder, url(), services or ("checkout",))

    return new
