"""`watchbill dashboards history` and `rollback`: what was kept before, and the way back to it."""

from typing import Annotated, Any

import typer

from watchbill.cli.dashboards_place import open_clouds, open_desk
from watchbill.cli.events import events_on_stderr
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import print_json, print_table
from watchbill.cli.silence import Author

Dashboard = Annotated[str, typer.Argument(metavar="ID", help="The id of its declaration.")]


def history_command(dashboard: Dashboard, include: Include = HERE, as_json: Json = False) -> None:
    """List the last versions of a dashboard, of every cloud, the newest first.

    `by hand` is what somebody had made of it before it was overwritten. --json shows the bodies too.
    """
    from watchbill.flows.rollback_dashboard import history

    with told_errors():
        found = history(dashboard, open_desk(include).memory)
    rows: list[dict[str, Any]] = [
        {"version": one.version.number, "at": one.version.at.replace(microsecond=0), "cloud": one.place.cloud,
         "connection": one.place.connection, "kind": one.version.kind, "author": one.version.author,
         "widgets": len(one.version.body.get("widgets", []))} for one in found]
    if as_json:
        print_json([row | {"body": one.version.body} for row, one in zip(rows, found, strict=True)])
    else:
        print_table(["version", "at", "cloud", "connection", "kind", "widgets", "author"], rows)


def rollback_command(
    author: Author, dashboard: Dashboard,
    number: Annotated[int, typer.Argument(metavar="VERSION", help="As `history` shows it.")],
    include: Include = HERE, as_json: Json = False,
) -> None:
    """Put an earlier version of a dashboard back, in the cloud that it was kept in.

    It stays until the declaration changes: correct that too. Every sync says meanwhile that it was rolled back.
    """
    from watchbill.flows.rollback_dashboard import place_of, rollback_dashboard

    with told_errors():
        desk = open_desk(include, author)
        clouds = open_clouds([place_of(dashboard, number, desk.memory)], desk.settings)
        with events_on_stderr():
            done = rollback_dashboard(dashboard, number, desk.dashboards, clouds, desk.memory, author=author)
    if as_json:
        print_json(done.to_json())
    else:
        typer.echo(f"{done.dashboard} on {done.place} is as in version {number}: {done.url}")
