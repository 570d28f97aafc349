"""Rows as a table or as JSON on stdout. What comes from outside is escaped for a terminal."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import typer


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def print_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Numbers to the right, everything else to the left."""
    cells = [[shown(row[name]) for name in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    right = [all(isinstance(row[name], int | float | None) for row in rows) for name in columns]
    for line in (list(columns), *cells):
        padded = [cell.rjust(width) if to_right else cell.ljust(width)
                  for cell, width, to_right in zip(line, widths, right, strict=True)]
        typer.echo("  ".join(padded).rstrip())


def shown(value: Any) -> str:
    """One line, without anything that a terminal would obey."""
    if value is None:
        return "-"
    text = _plain(value) if isinstance(value, date | list | tuple | dict) else str(value)
    text = text if isinstance(text, str) else json.dumps(text, default=_plain, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list) and value and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
        return dict(value)  # Arrow's maps are lists of pairs
    return value if isinstance(value, list | tuple | dict) else str(value)


def counted(count: int, noun: str) -> str:
    """`1 error`, `2 errors`, `2 entries`."""
    if count == 1:
        return f"1 {noun}"
    is_irregular = noun.endswith("y") and noun[-2] not in "aeiou"
    return f"{count} {noun.removesuffix('y')}ies" if is_irregular else f"{count} {noun}s"
