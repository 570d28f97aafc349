"""Opens the ledger's database and begins its transactions: PostgreSQL, or SQLite for the smallest set-ups."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    String,
    any_,
    create_engine,
    event,
    func,
    literal,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from watchbill.model.failures import LedgerError
from watchbill.model.json import as_json

RESTED_S = 1.0  # a connection that has done nothing for so long is asked whether it still stands
BUSY_TIMEOUT_S = 30  # SQLite has one writer at a time; the others wait so long for it


def open_engine(url: str) -> Engine:
    """`postgresql+psycopg://…` or `sqlite:///file`. Raises LedgerError for any other, and never shows it."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise LedgerError("the ledger's URL cannot be read") from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "postgresql+psycopg":
        engine = create_engine(parsed, pool_size=2, connect_args={"connect_timeout": 10})
        event.listen(engine, "connect", _prepare_postgres)
        event.listen(engine, "checkin", _rest)
        event.listen(engine, "checkout", partial(_wake, engine.dialect))
        return engine
    if parsed.get_backend_name() != "sqlite":
        raise LedgerError(f"the ledger lives in PostgreSQL or SQLite, not in {parsed.get_backend_name()}")
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_postgres(connection: Any, _: Any) -> None:
    connection.execute("SET TIME ZONE 'UTC'")  # in any other, reading ten thousand times takes longer than the query
    connection.commit()


def _rest(_: Any, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = monotonic()


def _wake(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
    """As pool_pre_ping, which asks before every transaction. A delivery begins two for each message."""
    since = record.info.get("rests_since")
    if since is None or monotonic() - since < RESTED_S:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error  # the pool opens another


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver would begin too late; we begin in _begin_sqlite
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # a notification that was sent stays sent after a power cut
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    """A reader that turns into a writer is refused at once whatever the timeout: writers say so first."""
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine, *, reads: bool = False) -> Iterator[Connection]:
    """All of it or nothing. Raises LedgerError where the database refuses or cannot be reached."""
    try:
        with engine.connect().execution_options(reads=reads) as connection, connection.begin():
            yield connection
    except DBAPIError as error:
        raise LedgerError(f"the ledger refused: {_cause(error)}") from error


def among(tx: Connection, column: ColumnElement[str], values: Iterable[str]) -> ColumnElement[bool]:
    """`column IN values` as one parameter, however many there are: both databases limit how many a statement has."""
    if tx.dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(String)))
    each = func.json_each(as_json(list(values))).table_valued("value")
    return column.in_(select(each.c.value))


def _cause(error: DBAPIError) -> str:
    """The driver's first line; SQLAlchemy's own text would show the statement and its values."""
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__
