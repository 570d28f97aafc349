"""`watchbill dashboards plan`: what differs between the YAML and both clouds; exit codes as Terraform's."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchbill.cli.dashboards_place import NoLedger, Only, open_clouds, open_desk
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.plan_texts import markdown, summary, text
from watchbill.cli.printing import print_json
from watchbill.model.failures import WatchbillError

if TYPE_CHECKING:
    from watchbill.flows.dashboard_changes import Change

FORMAT = 1


def plan_command(
    only: Only = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the plan to this file, for `apply`.")] = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print markdown for a pull request.")] = False,
    no_ledger: NoLedger = False, include: Include = HERE, as_json: Json = False,
) -> None:
    """Show what the clouds lack, have otherwise or have too much.

    By widget and field. `drifted` is what somebody has edited by hand since it was kept. Nothing is written.

    Ends with 0 where nothing is to be done, with 2 where something is, with 1 where something could not be looked at.
    """
    from watchbill.flows.plan_dashboards import plan_dashboards

    with told_errors():
        desk = open_desk(include, no_ledger=no_ledger)
        clouds = open_clouds(desk.places(only or ()), desk.settings)
        changes = plan_dashboards(desk.dashboards, clouds, desk.memory, desk.settings.dashboards, only=only or ())
        if out:
            write_plan(changes, out)
    show(changes, as_json=as_json, as_markdown=as_markdown)
    code = 1 if any(change.action == "failed" for change in changes) else 2 if any(
        change.is_work for change in changes) else 0
    raise typer.Exit(code)


def show(changes: "list[Change]", *, as_json: bool, as_markdown: bool = False) -> None:
    if as_json:
        print_json({"summary": summary(changes), "changes": [
            change.told() | {"differences": [one.to_json() for one in change.differences],
                             "by_hand": [one.to_json() for one in change.by_hand]} for change in changes]})
        return
    for line in (markdown if as_markdown else text)(changes):
        typer.echo(line)


def write_plan(changes: "list[Change]", file: Path) -> None:
    plan = {"format": FORMAT, "changes": [change.to_json() for change in changes]}
    try:
        file.write_text(json.dumps(plan, ensure_ascii=False, indent=1))
    except OSError as error:
        raise WatchbillError(f"{file} cannot be written: {error}") from None


def read_plan(file: Path) -> "list[Change]":
    """Raises WatchbillError for what is no plan of this version."""
    from watchbill.flows.dashboard_changes import Change

    try:
        plan = json.loads(file.read_text())
        if plan["format"] != FORMAT:
            raise WatchbillError(f"{file} was written by another version of Watchbill: plan again")
        return [Change.from_json(each) for each in plan["changes"]]
    except OSError as error:
        raise WatchbillError(f"{file} cannot be read: {error}") from None
    except (ValueError, KeyError, TypeError):
        raise WatchbillError(f"{file} is no plan: write one with `watchbill dashboards plan --out {file}`") from None
