"""`watchbill alerts preview`: how an alert will look in Slack, in a mail and in a topic, without sending it."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchbill.cli.ledger_place import open_ledger
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import print_json
from watchbill.declare.load import load_alerting
from watchbill.model.alerts import Alert, Channel
from watchbill.model.failures import WatchbillError

if TYPE_CHECKING:
    from collections.abc import Sequence

_STANDARD = (Channel("slack", "#alerts", "slack_api_default"), Channel("email", "oncall@example.com", "aws_default"),
             Channel("sns", "arn:aws:sns:eu-west-1:123456789012:alerts", "aws_default"))


def preview(
    words: Annotated[list[str] | None, typer.Argument(
        metavar="[ALERT]...", help="Fingerprints of alerts in the ledger, as `list` shows them; a sample without.",
    )] = None,
    receiver: Annotated[str, typer.Option(
        "--receiver", help="Its channels, with its templates; one of each kind in our own words where left out.")] = "",
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for the files.")] = Path("preview"),
    count: Annotated[int, typer.Option("--count", min=1, max=10_000, help="How many alerts the sample has.")] = 1,
    base_url: Annotated[str, typer.Option(
        "--base-url", envvar="AIRFLOW__API__BASE_URL", help="Airflow's address, for the links.",
    )] = "http://localhost:8080",
    include: Include = HERE, as_json: Json = False,
) -> None:
    """Write how an alert will look in Slack, in a mail and in a topic.

    Offline: JSON for Slack's Block Kit Builder and for SNS, HTML and text of the mail. Nothing is sent, and neither
    Airflow nor a vendor is asked; alerts that are named are read from the ledger.
    """
    now = datetime.now(UTC)
    with told_errors():
        channels = _channels(include, receiver)
        alerts = _named(include, words) if words else []
        from watchbill.flows.preview_notification import previews

        found = previews(alerts, channels, receiver or "preview", now=now, base_url=base_url, count=count)
    if as_json:
        print_json([{"channel": channel.kind, "target": channel.target, "files": files} for channel, files in found])
        return
    output.mkdir(parents=True, exist_ok=True)
    for number, (channel, files) in enumerate(found, 1):
        for ending, text in files.items():
            path = output / f"{number}-{channel.kind}.{ending}"
            path.write_text(text, encoding="utf-8", newline="")
            typer.echo(str(path))


def _channels(include: Path, receiver: str) -> "Sequence[Channel]":
    if not receiver:
        return _STANDARD
    alerting = load_alerting(include, os.environ)
    names = [one.name for one in alerting.receivers]
    if receiver not in names:
        raise WatchbillError(f"alerting.yaml has no receiver {receiver!r}; there are {', '.join(names)}")
    return [channel for channel, _ in alerting.channels(receiver)]


def _named(include: Path, marks: list[str]) -> list[Alert]:
    known = open_ledger(include).alerts(("firing", "resolved"))
    found = [one.alert for one in known if one.fingerprint in marks]
    if missing := set(marks) - {alert.fingerprint for alert in found}:
        raise WatchbillError(f"there is no alert {', '.join(sorted(missing))}; `watchbill alerts list --resolved` "
                             "shows what there is")
    return found
