"""Many rows at once into a table that lasts as long as the transaction: columns in, a table to select from out.

PostgreSQL takes them by COPY, SQLite by one prepared statement. What then happens to ten thousand alerts are a few
statements, and no row of theirs crosses the line again.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from watchbill.model.failures import LedgerError

Columns = Mapping[str, tuple[str, Sequence[Any]]]
"""By name: TEXT, INTEGER, BOOLEAN or TIMESTAMP, and the values; None is NULL."""


def stage(tx: Connection, name: str, columns: Columns) -> None:
    """Makes the table, in place of one of this name that the transaction made before."""
    postgres = tx.dialect.name == "postgresql"
    kinds = {"TIMESTAMP": "TIMESTAMPTZ"} if postgres else {"TIMESTAMP": "TEXT"}
    said = ", ".join(f"{column} {kinds.get(kind, kind)}" for column, (kind, _) in columns.items())
    tx.execute(text(f"DROP TABLE IF EXISTS {'pg_temp' if postgres else 'temp'}.{name}"))
    tx.execute(text(f"CREATE TEMPORARY TABLE {name} ({said}){' ON COMMIT DROP' if postgres else ''}"))
    values = [[_moment(tx, one) for one in values] if kind == "TIMESTAMP" else values if kind == "TEXT" or not postgres
              else [None if one is None else str(one) for one in values] for kind, values in columns.values()]
    if postgres:
        _copy(tx, name, values)
    else:
        holes = ", ".join("?" * len(columns))
        rows = list(zip(*values, strict=True))
        if rows:
            tx.exec_driver_sql(f"INSERT INTO {name} VALUES ({holes})", rows)  # noqa: S608 - names of ours


def moment(tx: Connection, when: datetime) -> Any:
    """As a parameter of a statement."""
    return when if tx.dialect.name == "postgresql" else _moment(tx, when)


def _moment(tx: Connection, when: datetime | None) -> str | None:
    """As the ledger's tables keep it."""
    if when is None:
        return None
    return when.isoformat() if tx.dialect.name == "postgresql" else f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def _copy(tx: Connection, name: str, values: Sequence[Sequence[Any]]) -> None:
    import psycopg

    connection: Any = tx.connection.driver_connection
    try:
        with connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
            copy.write(_text(values))
    except psycopg.Error as error:  # SQLAlchemy does not see this one
        raise LedgerError(f"the ledger refused: {str(error).strip().splitlines()[0]}") from error


def _text(columns: Sequence[Sequence[Any]]) -> str:
    """PostgreSQL's text format. Most rows have nothing in them that it would read otherwise, which one look tells."""
    try:
        plain = "\n".join(map("\t".join, zip(*columns, strict=True)))
    except TypeError:  # a NULL
        plain = "\\"
    if not len(columns[0]):
        return ""
    ends = len(columns[0]) - 1, len(columns[0]) * (len(columns) - 1)
    if "\\" not in plain and "\r" not in plain and (plain.count("\n"), plain.count("\t")) == ends:
        return plain
    return "\n".join("\t".join(map(_escaped, row)) for row in zip(*columns, strict=True))


def _escaped(value: str | None) -> str:
    if value is None:
        return "\\N"
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
