"""Brings the ledger's tables to the newest version; two processes may do so at once.

Every task opens the ledger, and hardly one finds an older version: Alembic is imported only then.
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from watchbill.alerts.database import transaction
from watchbill.model.failures import LedgerError

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_KNOWN = sorted(file.name[1:5] for file in (_MIGRATIONS / "versions").glob("v*.py"))  # the chain is linear
_LOCK = 0x77617463  # "watc": an advisory lock of PostgreSQL has a number for a name

logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)  # two lines for every opening


def migrate(engine: Engine) -> None:
    """Raises LedgerError where the database is newer than this version of Watchbill."""
    found = version(engine)
    if found == _KNOWN[-1]:
        return
    if found is not None and found not in _KNOWN:
        raise LedgerError(f"the ledger's schema {found} is newer than this version: upgrade Watchbill")
    with transaction(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _upgrade(connection)


def version(engine: Engine) -> str | None:
    """The schema's version; None where there are no tables yet."""
    with transaction(engine, reads=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def _upgrade(connection: Connection) -> None:
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
