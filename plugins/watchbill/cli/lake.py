"""`watchbill lake`: what the lake holds and what it lacks, SQL over it, its files checked, its points taken out."""

import sys
from typing import Annotated

import typer

from watchbill.cli.lake_export import export
from watchbill.cli.lake_gaps import gaps
from watchbill.cli.lake_migrate import migrate
from watchbill.cli.lake_place import Url, open_lake
from watchbill.cli.lake_verify import verify
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import print_json, print_table, shown

app = typer.Typer(name="lake", help="Look into the lake of collected metrics.", no_args_is_help=True,
                  rich_markup_mode=None)


@app.command()
def stats(include: Include = HERE, url: Url = "", as_json: Json = False) -> None:
    """Count series, points, files and bytes of each source.

    `first` and `last` are the timestamps of the oldest and the newest point.
    """
    with told_errors():
        rows = open_lake(include, url).stats()
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
    period (seconds), account, region, tags (a map) and vanished; `series` the same without id,
    timestamp, value and vanished.
    """
    with told_errors():
        table = open_lake(include, url).sql(sys.stdin.read() if query == "-" else query)
    if as_json:
        print_json(table.to_pylist(maps_as_pydicts="lossy"))
        return
    names = [shown(name) for name in table.column_names]
    print_table(names, [dict(zip(names, row.values(), strict=True)) for row in table.to_pylist()])


app.command()(gaps)
app.command()(verify)
app.command()(export)
app.command()(migrate)
