"""`watchbill lake export`: the lake's records into one file of the user's."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated
from uuid import uuid4

import typer

from watchbill.cli.lake_place import End, OneSource, Start, Url, open_lake
from watchbill.cli.options import HERE, Include, check_order, told_errors
from watchbill.cli.printing import counted
from watchbill.model.failures import LakeError, WatchbillError


class Format(StrEnum):
    csv = "csv"
    parquet = "parquet"
    json = "json"


def export(
    out: Annotated[str, typer.Argument(metavar="OUT", help="The file to write; - is standard output.")],
    form: Annotated[Format, typer.Option("--format", help="What to write.")],
    source: OneSource = None,
    namespace: Annotated[str | None, typer.Option("--namespace", help="Of one namespace only.")] = None,
    metric: Annotated[str | None, typer.Option("--metric", help="Of one metric only.")] = None,
    start: Start = None, end: End = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT where it is there already.")] = False,
    include: Include = HERE, url: Url = "",
) -> None:
    """Write the lake's points to a file, one record each.

    A record has id, timestamp, source, namespace, name, value, unit, dimensions, statistic, period (seconds),
    account, region and tags, as in `lake sql`. They come day by day, whatever their number, and OUT appears when it
    is whole.
    """
    check_order(start, end)
    from watchbill.lake.export import WRITERS  # pyarrow takes 200 ms, which --help can spare

    with told_errors():
        lake = open_lake(include, url)
        series = lake.series(source, namespace, metric)
        with _opened(out, force=force) as stream:
            count = WRITERS[form](lake.export(series, start, end), stream)
    typer.echo(f"{counted(count, 'record')} of {len(series)} series", err=True)


@contextmanager
def _opened(out: str, *, force: bool) -> Iterator[IO[bytes]]:
    """Written beside its place and renamed: a run that dies leaves what was there."""
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    path = Path(out)
    beside = path.with_name(f".{path.name}-{uuid4().hex}.tmp")
    _check_free(path, force=force)
    try:
        with beside.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        _check_free(path, force=force)
        beside.replace(path)
    except OSError as error:
        raise LakeError(f"{out} cannot be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)


def _check_free(path: Path, *, force: bool) -> None:
    if path.is_dir() or (path.exists() and not force):
        raise WatchbillError(f"{path} is a folder: name a file" if path.is_dir()
                             else f"{path} is there already: name another file, or replace it with --force")
