"""Brings the ledger's tables to the newest version; two processes may do so at once."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from watchbill.alerts.database import transaction
from watchbill.model.failures import LedgerError

_LOCK = 0x77617463  # "watc": an advisory lock of PostgreSQL has a number for a name

logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)  # two lines for every opening


def migrate(engine: Engine) -> None:
    """Raises LedgerError where the database is newer than this version of Watchbill."""
    scripts = ScriptDirectory.from_config(_config())
    with transaction(engine, reads=True) as connection:
        version = _version(connection)
    if version == scripts.get_current_head():
        return
    _refuse_unknown(version, scripts)
    with transaction(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def version(engine: Engine) -> str | None:
    """The schema's version; None where there are no tables yet."""
    with transaction(engine, reads=True) as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_unknown(version: str | None, scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if version is not None and version not in known:
        raise LedgerError(f"the ledger's schema {version} is newer than this version: upgrade Watchbill")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
