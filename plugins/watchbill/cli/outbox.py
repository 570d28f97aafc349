"""`watchbill outbox`: notifications that wait, and those that no try sends any more."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from watchbill.cli.ledger_place import open_ledger
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import counted, print_json, print_table
from watchbill.cli.silence import Author
from watchbill.model.failures import LedgerError

app = typer.Typer(name="outbox", help="Look after notifications that were not sent.", no_args_is_help=True,
                  rich_markup_mode=None)
Ids = Annotated[list[str] | None, typer.Argument(
    metavar="[ID]...", help="As `list` shows them; the first letters are enough.")]
All = Annotated[bool, typer.Option("--all", help="Every dead letter.")]


class Status(StrEnum):
    """What may be asked for; the words are those of flows/outbox_by_hand.py."""

    DEAD = "dead"
    WAITING = "waiting"
    SENT = "sent"
    ALL = "all"


@app.command("list")
def show(
    status: Annotated[Status | None, typer.Option(
        "--status", help="Only these; what is dead and what waits where it is left out.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="The newest so many.")] = 100,
    include: Include = HERE, as_json: Json = False,
) -> None:
    """List notifications that are dead or wait to be sent.

    A dead one was refused for good, or tried for about four hours; the alert NotificationDead fires until it is tried
    again or dropped.
    """
    with told_errors():
        ledger = open_ledger(include)
        from watchbill.flows.outbox_by_hand import list_outbox

        found = list_outbox(ledger, status and status.value, limit)
    if as_json:
        print_json(found)
        return
    columns = ["id", "status", "receiver", "channel", "alerts", "created", "tries", "next", "error"]
    print_table(columns, [_row(one) for one in found])


def _row(one: dict[str, Any]) -> dict[str, Any]:
    told = ", ".join(one["alerts"][:3]) + (", …" if one["firing"] + one["resolved"] > 3 else "")
    following = one["next_attempt_at"].replace(microsecond=0) if one["status"] == "pending" else None
    return {"id": one["id"], "status": one["status"], "receiver": one["receiver"],
            "channel": f"{one['channel']} {one['target']}", "alerts": told,
            "created": one["created_at"].replace(microsecond=0), "tries": one["attempts"], "next": following,
            "error": (one["error"] or "")[:200]}


@app.command()
def retry(author: Author, ids: Ids = None, every: All = False, include: Include = HERE, as_json: Json = False) -> None:
    """Send dead notifications again, at the next tick.

    They say how things are then: what has ended meanwhile is not told as firing, and nothing is sent where a later
    notification of the same group has reached the channel. All of them or, where one is not dead, none.
    """
    _do("retry_notifications", author, ids, every, include, as_json)


@app.command()
def drop(author: Author, ids: Ids = None, every: All = False, include: Include = HERE, as_json: Json = False) -> None:
    """Give dead notifications up.

    They stay in the history. All of them or, where one is not dead, none.
    """
    _do("drop_notifications", author, ids, every, include, as_json)


def _do(verb: str, author: str, ids: list[str] | None, every: bool, include: Any, as_json: bool) -> None:
    if bool(ids) == every:
        raise typer.BadParameter("name the dead letters, or say --all")
    with told_errors():
        ledger = open_ledger(include)
        from watchbill.flows import outbox_by_hand

        wanted = [one["id"] for one in outbox_by_hand.list_outbox(ledger, "dead", 100_000)] if every else ids or []
        if not wanted:
            raise LedgerError("there is no dead letter")
        done = getattr(outbox_by_hand, verb)(ledger, wanted, now=datetime.now(UTC), by=author)
    if as_json:
        print_json([{"id": name, "status": status} for name, status in done.items()])
        return
    said = {"pending": "is sent at the next tick", "dropped": "is given up",
            "superseded": "is not sent: its channel was told something newer"}
    for name, status in done.items():
        typer.echo(f"{name} {said[status]}")
    typer.echo(counted(len(done), "notification"), err=True)
