import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from watchbill.alerts import groups, instances, migrations, schema
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
    _drop(url)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Ledger.open(url).migrate(), range(4)))
    assert Ledger.open(url).version() == NEWEST


def test_instances_of_an_older_ledger_stand_where_they_stood(url: str) -> None:
    _drop(url)
    with Ledger.open(url).transaction() as tx:
        config = schema._config()
        config.attributes["connection"] = tx
        command.upgrade(config, "0002")
        state = {"state": "pending", "no_data": True, "at": "2026-03-02T10:05:00+00:00", "fired_at": None,
                 "active_at": "2026-03-02T10:00:00+00:00", "clear_since": None, "resolved_at": None}
        tx.execute(text("INSERT INTO instances VALUES ('shop/Errors', 'abc', :state, 'def')"),
                   {"state": json.dumps(state)})
        tx.execute(text("INSERT INTO rule_clocks VALUES ('shop/Errors', '2026-03-02 10:05:00', '2026-03-02 10:05:00')"))
    ledger = Ledger.open(url)
    ledger.migrate()
    began = datetime(2026, 3, 2, 10, tzinfo=UTC)
    with ledger.transaction(reads=True) as tx:
        assert instances.load(tx, ["shop/Errors"]) == {"shop/Errors": [
            instances.Kept("pending", began, None, None, True, ["abc"], ["def"], [""])]}
        assert instances.clocks(tx)["shop/Errors"].definition == ""


def test_a_ledger_of_the_first_version_keeps_its_rows(url: str) -> None:
    _drop(url)
    old = Ledger.open(url)
    with old.transaction() as tx:
        config = schema._config()
        config.attributes["connection"] = tx
        command.upgrade(config, "0001")
        tx.execute(text("INSERT INTO groups VALUES ('1', '{}:{}', 'ops', '{}', '{}', '[\"a\"]', NULL, NULL, 3)"))
    old.migrate()
    with old.transaction() as tx:
        known = groups.lock(tx, [], ["1"])["1"]
    assert (known.sequence, known.group.members, known.group.since) == (3, {"a"}, {})
    _drop(url)
    old.migrate()


def _drop(url: str) -> None:
    with Ledger.open(url).transaction() as tx:
        for table in ("alembic_version", *metadata.tables):
            tx.execute(text(f"DROP TABLE IF EXISTS {table}"))


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
