"""`watchbill lake migrate`: every file of an older version of the lake rewritten in the newest one."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from watchbill.cli.lake_place import Url, open_lake
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import counted, print_json
from watchbill.model.series import SOURCES

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only name what would be rewritten.")]


def migrate(dry_run: DryRun = False, include: Include = HERE, url: Url = "", as_json: Json = False) -> None:
    """Rewrite what an older version wrote, day by day.

    Nothing needs it: older files are read as they are, and tend_lake rewrites some of them every night. It may be
    stopped at any time and run again, beside collection and readers. Days that are not over for four hours are left
    to tend_lake.
    """
    from watchbill.flows.tend_lake import days_to_migrate  # pyarrow takes 200 ms, which --help can spare
    from watchbill.lake.schema import VERSION

    now = datetime.now(UTC)
    with told_errors():
        lake = open_lake(include, url)
        found = {source: days_to_migrate(lake, source, now) for source in SOURCES}
        due = [(source, day) for source in SOURCES for day in found[source][0]]
        names = [source for source in SOURCES if lake.has_old_series(source)]
        for number, (source, day) in enumerate(due, 1):
            typer.echo(f"{source} {day} ({number} of {len(due)})", err=True)
            if not dry_run:
                lake.compact(source, day, now=now)
        for source in names if not dry_run else ():
            lake.compact_series(source, now=now)
    later = [(source, day) for source in SOURCES for day in found[source][1]]
    if as_json:
        print_json({"version": VERSION, "dry_run": dry_run, "series": names,
                    "days": [{"source": source, "date": str(day)} for source, day in due],
                    "later": [{"source": source, "date": str(day)} for source, day in later]})
        return
    verb = "to rewrite" if dry_run else "rewritten"
    typer.echo(f"version {VERSION}: {counted(len(due), 'date')} {verb}, and the series of "
               f"{counted(len(names), 'source')}; {counted(len(later), 'date')} left to tend_lake")
