"""`watchbill silence`: alerts that nobody is told of for a while, as `amtool silence` does it."""

import getpass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from watchbill.cli.ledger_place import open_ledger
from watchbill.cli.options import HERE, Include, Json, duration, moment, told_errors
from watchbill.cli.printing import print_json, print_table
from watchbill.model.matchers import format_matchers
from watchbill.model.silences import Silence, parse_words

app = typer.Typer(name="silence", help="Silence alerts for a while.", no_args_is_help=True, rich_markup_mode=None)


def whoever_runs() -> str:
    """The name of the system's user; "" where it has none, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


Author = Annotated[str, typer.Option(
    "--author", "-a", default_factory=whoever_runs, show_default="you", help="Who does it.")]


@app.command()
def add(
    author: Author,
    matchers: Annotated[list[str], typer.Argument(
        metavar="MATCHER", help="As service=checkout, severity!=info or host=~\"web-.*\"; all must match. A first "
                                   "one without an operator is an alert's name.")],
    comment: Annotated[str, typer.Option("--comment", "-c", help="Why.")],
    span: Annotated[timedelta, typer.Option(
        "--duration", "-d", parser=duration, metavar="DURATION", help="How long from the start.")] = "1h",  # type: ignore[assignment]
    start: Annotated[datetime | None, typer.Option(
        "--start", parser=moment, metavar="TIME", help="From this time on; now where it is left out.")] = None,
    end: Annotated[datetime | None, typer.Option(
        "--end", parser=moment, metavar="TIME", help="Until this time, instead of --duration.")] = None,
    include: Include = HERE, as_json: Json = False,
) -> None:
    """Tell nobody of the alerts that match, for a while.

    Prints the silence's id. Matchers are amtool's: an absent label equals "", expressions are RE2 and match the whole
    value. What has been told as firing is still told as resolved.
    """
    now = datetime.now(UTC)
    starts_at = max(start or now, now)
    with told_errors():
        wanted = parse_words(matchers)
        ledger = open_ledger(include)
        from watchbill.flows.silence_alerts import silence_alerts, silenced_now

        silence = silence_alerts(ledger, wanted, starts_at=starts_at, ends_at=end or starts_at + span, author=author,
                                 comment=comment, now=now)
        matched = silenced_now(ledger, silence)
    if as_json:
        print_json(silence.to_json(now) | {"matched": matched})
        return
    typer.echo(silence.id)
    typer.echo(f"{matched} of the alerts that fire now {'is' if matched == 1 else 'are'} silenced by it"
               f"{' once it starts' if silence.state(now) == 'pending' else ''}", err=True)


@app.command("list")
def show(
    matchers: Annotated[list[str] | None, typer.Argument(
        metavar="[MATCHER]...", help="Only silences with these matchers, written as for `add`.")] = None,
    expired: Annotated[bool, typer.Option("--expired", help="Those that are over, instead of the others.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print their ids only, as `expire` takes them.")] = False,
    include: Include = HERE, as_json: Json = False,
) -> None:
    """List silences: the active and the pending, or the expired.

    They are kept after their end, as long as the ledger keeps history.
    """
    now = datetime.now(UTC)
    with told_errors():
        wanted = set(parse_words(matchers)) if matchers else set()
        found = [silence for silence in open_ledger(include).silences()
                 if (silence.state(now) == "expired") == expired and wanted <= set(silence.matchers)]
    if as_json:
        print_json([silence.to_json(now) for silence in found])
        return
    if quiet:
        for silence in found:
            typer.echo(silence.id)
        return
    columns = ["id", "state", "matchers", "starts", "ends", "author", "comment"]
    print_table(columns, [_row(silence, now) for silence in found])


def _row(silence: Silence, now: datetime) -> dict[str, object]:
    return {"id": silence.id, "state": silence.state(now), "matchers": format_matchers(silence.matchers),
            "starts": silence.starts_at.replace(microsecond=0), "ends": silence.ends_at.replace(microsecond=0),
            "author": silence.author, "comment": silence.comment}


@app.command()
def expire(
    author: Author,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="As `list` shows them.")],
    include: Include = HERE, as_json: Json = False,
) -> None:
    """End silences now.

    All of them or, where one is not there or over already, none.
    """
    now = datetime.now(UTC)
    with told_errors():
        ledger = open_ledger(include)
        from watchbill.flows.silence_alerts import expire_silences

        ended = expire_silences(ledger, ids, by=author, now=now)
    if as_json:
        print_json([silence.to_json(now) for silence in ended])
        return
    for silence in ended:
        typer.echo(f"{silence.id} is over")
