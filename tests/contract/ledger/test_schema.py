from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from watchbill.alerts import migrations
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.tables import metadata
from watchbill.model.failures import LedgerError

NEWEST = max(file.name[1:5] for file in (Path(migrations.__file__).parent / "versions").glob("v*.py"))


def test_migrations_make_the_tables_that_the_code_uses(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def test_migrating_twice_changes_nothing(ledger: Ledger) -> None:
    ledger.migrate()
    assert ledger.version() == NEWEST


def test_processes_that_migrate_at_once_do_not_disturb_each_other(url: str) -> None:
    with Ledger.open(url).transaction() as tx:
        for table in ("alembic_version", *metadata.tables):
            tx.execute(text(f"DROP TABLE IF EXISTS {table}"))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Ledger.open(url).migrate(), range(4)))
    assert Ledger.open(url).version() == NEWEST


def test_a_ledger_of_a_newer_version_is_refused(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerError, match="upgrade Watchbill"):
        ledger.migrate()
    with ledger.transaction() as tx:
        tx.execute(text(f"UPDATE alembic_version SET version_num = '{NEWEST}'"))


def test_an_unreachable_database_is_named_without_its_password() -> None:
    with pytest.raises(LedgerError) as caught:
        Ledger.open("postgresql+psycopg://me:s3cret@127.0.0.1:1/db").migrate()
    assert "s3cret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_other_databases_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="PostgreSQL or SQLite, not in mysql"):
        Ledger.open("mysql://127.0.0.1/db")
