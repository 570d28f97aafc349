"""Options that several commands share, and how they all end when something is wrong."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from watchbill.model.failures import WatchbillError
from watchbill.model.windows import parse_duration

Include = Annotated[Path, typer.Option(
    "--include", "-i", envvar="WATCHBILL_INCLUDE", help="The folder of declarations.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
HERE = Path("include")


@contextmanager
def told_errors() -> Iterator[None]:
    """An error of ours is a sentence on stderr and exit code 1; any other is a bug and keeps its traceback."""
    try:
        yield
    except WatchbillError as error:
        typer.echo(f"watchbill: {error}", err=True)
        raise typer.Exit(1) from None


def moment(text: str) -> datetime:
    """ISO 8601; without a time zone it is UTC, and a day begins at midnight."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time; write for example 2026-01-31T12:00:00Z") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def duration(text: str) -> timedelta:
    """In Prometheus' notation."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def check_order(start: datetime | None, end: datetime | None) -> None:
    if start and end and end <= start:
        raise typer.BadParameter("it does not come after --start", param_hint="--end")


def airflow_home() -> Path:
    """Where Airflow lives: AIRFLOW_HOME, or Airflow's own default."""
    return Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser()
