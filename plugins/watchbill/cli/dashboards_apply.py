"""`watchbill dashboards apply`: the clouds as a plan says, or nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchbill.cli.dashboards_place import NoLedger, Only, open_clouds, open_desk
from watchbill.cli.dashboards_plan import read_plan
from watchbill.cli.events import events_on_stderr
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.plan_texts import text
from watchbill.cli.printing import print_json, shown
from watchbill.cli.silence import Author

if TYPE_CHECKING:
    from watchbill.flows.dashboard_changes import Synced


def apply_command(
    author: Author,
    plan: Annotated[Path | None, typer.Argument(
        metavar="[PLAN]", help="A file of `plan --out`; what a plan would say now, where it is left out.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Put back what was edited by hand.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave what was edited by hand, and do the rest.")] = False,
    prune: Annotated[int | None, typer.Option(
        "--prune", "--confirm", min=0, metavar="N",
        help="Delete up to so many in one place, instead of `dashboards.prune`.")] = None,
    only: Only = None, no_ledger: NoLedger = False, include: Include = HERE, as_json: Json = False,
) -> None:
    """Make the clouds as the plan says, or do nothing.

    Nothing is written where a dashboard has changed since the plan, was edited by hand or more would be deleted than
    agreed, until an option says otherwise. A write that a cloud refuses stops no other.

    Ends with 1 where something was refused or failed.
    """
    from watchbill.flows.apply_dashboards import Side, Terms, apply_dashboards
    from watchbill.flows.plan_dashboards import plan_dashboards

    if overwrite and keep:
        raise typer.BadParameter("one of both wins: --overwrite or --keep")
    if plan and only:
        raise typer.BadParameter("a plan says itself which dashboards", param_hint="--only")
    side: Side = "overwrite" if overwrite else "keep" if keep else ""
    with told_errors():
        desk = open_desk(include, author, no_ledger=no_ledger)
        settings = desk.settings.dashboards
        changes = read_plan(plan) if plan else None
        places = desk.places(only or ()) if changes is None else list(dict.fromkeys(one.place for one in changes))
        clouds = open_clouds(places, desk.settings)
        if changes is None:
            changes = plan_dashboards(desk.dashboards, clouds, desk.memory, settings, only=only or ())
            for line in text(changes):
                typer.echo(line, err=True)
        terms = Terms(side, settings.prune if prune is None else prune, author=author)
        with events_on_stderr():
            done = apply_dashboards(changes, clouds, desk.memory, terms)
    _tell(done, as_json)


def _tell(done: "list[Synced]", as_json: bool) -> None:
    if as_json:
        print_json([one.to_json() for one in done])
    else:
        for one in done:
            if one.action != "unchanged":
                typer.echo(shown(f"{one.action} {one.dashboard} on {one.place} {one.error or one.url}".rstrip()))
    if any(one.error for one in done):
        raise typer.Exit(1)
