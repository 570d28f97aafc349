"""`watchbill alerts ack` and `unack`: somebody has taken an alert on, or gives it back."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from watchbill.cli.ledger_place import open_ledger
from watchbill.cli.options import HERE, Include, Json, duration, moment, told_errors
from watchbill.cli.printing import counted, print_json
from watchbill.cli.silence import Author
from watchbill.model.acknowledgements import Acknowledgement
from watchbill.model.alert_words import parse_alert_words

Alerts = Annotated[list[str], typer.Argument(
    metavar="ALERT", help="Fingerprints, or matchers that all must match, such as service=checkout.")]


def ack(
    author: Author,
    words: Alerts,
    comment: Annotated[str, typer.Option("--comment", "-c", help="What is being done.")] = "",
    span: Annotated[timedelta | None, typer.Option(
        "--for", parser=duration, metavar="DURATION", help="For so long only.")] = None,
    until: Annotated[datetime | None, typer.Option(
        "--until", parser=moment, metavar="TIME", help="Until this time only.")] = None,
    include: Include = HERE, as_json: Json = False,
) -> None:
    """Take on alerts that fire: nothing of them is repeated or escalated any more.

    Until they resolve or, with `--for` or `--until`, until then. An alert that fires again later is not acknowledged.
    """
    if span and until:
        raise typer.BadParameter("give --for or --until, not both", param_hint="--until")
    now = datetime.now(UTC)
    with told_errors():
        fingerprints, matchers = parse_alert_words(words)
        ledger = open_ledger(include)
        from watchbill.flows.acknowledge_alerts import acknowledge_alerts

        made = acknowledge_alerts(ledger, fingerprints=fingerprints, matchers=matchers, author=author, comment=comment,
                                  until=now + span if span else until, now=now)
    _print(made, "acknowledged", as_json=as_json)


def unack(author: Author, words: Alerts, include: Include = HERE, as_json: Json = False) -> None:
    """Give back alerts that were acknowledged: repeats and escalation go on."""
    now = datetime.now(UTC)
    with told_errors():
        fingerprints, matchers = parse_alert_words(words)
        ledger = open_ledger(include)
        from watchbill.flows.acknowledge_alerts import unacknowledge_alerts

        ended = unacknowledge_alerts(ledger, fingerprints=fingerprints, matchers=matchers, by=author, now=now)
    _print(ended, "no longer acknowledged", as_json=as_json)


def _print(found: list[Acknowledgement], said: str, *, as_json: bool) -> None:
    if as_json:
        print_json([one.to_json() for one in found])
        return
    for one in found:
        typer.echo(one.fingerprint)
    typer.echo(f"{counted(len(found), 'alert')} {said}", err=True)
