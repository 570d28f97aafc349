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
    values = [[_moment(tx, one) for one in values] if kind == "TIMESTAMP" else values
              for kind, values in columns.values()]
    if postgres:
        _copy(tx, name, columns, values)
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


def _copy(tx: Connection, name: str, columns: Columns, values: Sequence[Sequence[Any]]) -> None:
    import psycopg
    import pyarrow as pa
    from pyarrow import csv

    types = {"INTEGER": pa.int64(), "BOOLEAN": pa.bool_()}
    table = pa.table([pa.array(one, types.get(kind, pa.large_string()))
                      for (kind, _), one in zip(columns.values(), values, strict=True)], names=list(columns))
    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink, csv.WriteOptions(include_header=False, quoting_style="all_valid"))
    connection: Any = tx.connection.driver_connection
    try:
        with connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
            copy.write(memoryview(sink.getvalue()))
    except psycopg.Error as error:  # SQLAlchemy does not see this one
        raise LedgerError(f"the ledger refused: {str(error).strip().splitlines()[0]}") from error
