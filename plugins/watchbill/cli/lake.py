"""`watchbill lake`: what the lake holds, and SQL over it."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchbill.cli.options import HERE, Include, Json, airflow_home, told_errors
from watchbill.cli.printing import print_json, print_table, shown
from watchbill.declare.load import load_settings
from watchbill.model.failures import LakeError

if TYPE_CHECKING:
    from watchbill.lake.lake import Lake

app = typer.Typer(name="lake", help="Look into the lake of collected metrics.", no_args_is_help=True,
                  rich_markup_mode=None)
Url = Annotated[str, typer.Option(
    "--lake", help="A folder or s3://bucket/prefix, instead of the lake of watchbill.yaml.")]


@app.command()
def stats(include: Include = HERE, url: Url = "", as_json: Json = False) -> None:
    """Count series, points, files and bytes of each source.

    `first` and `last` are the timestamps of the oldest and the newest point.
    """
    with told_errors():
        rows = _open(include, url).stats()
    if as_json:
        print_json(rows)
    else:
        print_table(["source", "series", "points", "files", "bytes", "first", "last"], rows)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT over the views `points` and `series`; - reads it "
                                              "from standard input.")],
    include: Include = HERE, url: Url = "", as_json: Json = False,
) -> None:
    """Ask the lake in SQL; it can only be read. The dialect is DuckDB's.

    `points` has id, timestamp, source, namespace, name, value, unit, dimensions (a map), statistic,
    period (seconds), account and region; `series` the same without id, timestamp and value.
    """
    with told_errors():
        table = _open(include, url).sql(sys.stdin.read() if query == "-" else query)
    if as_json:
        print_json(table.to_pylist(maps_as_pydicts="lossy"))
        return
    names = [shown(name) for name in table.column_names]
    print_table(names, [dict(zip(names, row.values(), strict=True)) for row in table.to_pylist()])


def _open(include: Path, url: str) -> "Lake":
    """Raises LakeError, DeclarationError. Airflow is asked for its connection only where the lake is on S3."""
    from watchbill.lake.lake import Lake  # pyarrow takes 200 ms, which --help can spare

    if url:
        return Lake.open(url, home=_existing(Path.cwd(), url))
    settings = load_settings(include, os.environ)
    if settings.lake.url.startswith("s3://"):
        from watchbill.on_airflow.connections import open_lake

        return open_lake(settings)
    return Lake.open(settings.lake.url, home=_existing(airflow_home(), settings.lake.url))


def _existing(home: Path, url: str) -> Path:
    """The home, where the folder is there: a lake that is looked for in the wrong place would seem empty."""
    if "://" not in url and not (home / url).is_dir():
        raise LakeError(f"there is no lake in {home / url}: set AIRFLOW_HOME, or name it with --lake")
    return home
