"""`watchbill alerts`: what fires, who has taken it on, and all that ever happened to an alert."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchbill.cli.acknowledge import ack, unack
from watchbill.cli.ledger_place import open_ledger
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.preview import preview
from watchbill.cli.printing import print_json, print_table, shown
from watchbill.model.alert_words import parse_alert_words
from watchbill.model.failures import WatchbillError
from watchbill.model.matchers import Matcher, format_matchers

if TYPE_CHECKING:
    from watchbill.alerts.stories import Standing

app = typer.Typer(name="alerts", help="Look at alerts, and take them on.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def show_all(
    words: Annotated[list[str] | None, typer.Argument(
        metavar="[ALERT]...", help="Fingerprints, or matchers that all must match, such as service=checkout.")] = None,
    resolved: Annotated[bool, typer.Option("--resolved", help="Those that have resolved too.")] = False,
    include: Include = HERE, as_json: Json = False,
) -> None:
    """List the alerts that fire or pend.

    Each with since when, what keeps it quiet (a silence, an alert that inhibits it, a time interval that mutes its
    route), and who acknowledged it.
    """
    with told_errors():
        fingerprints, matchers = parse_alert_words(words or [])
        found = open_ledger(include).standings(now=datetime.now(UTC), resolved=resolved)
    wanted = [one for one in found if _asked(one, fingerprints, matchers)]
    if as_json:
        print_json([one.to_json() for one in wanted])
        return
    print_table(["fingerprint", "state", "since", "quiet", "acknowledged", "labels"], [_row(one) for one in wanted])


def _asked(one: "Standing", fingerprints: list[str], matchers: tuple[Matcher, ...]) -> bool:
    if fingerprints and one.alert.fingerprint not in fingerprints:
        return False
    return all(matcher.matches(one.alert.labels) for matcher in matchers)


def _row(one: "Standing") -> dict[str, Any]:
    alert, held = one.alert, one.acknowledged
    since = alert.ends_at if one.state == "resolved" and alert.ends_at else alert.starts_at
    return {
        "fingerprint": alert.fingerprint, "state": one.state, "since": since.replace(microsecond=0),
        "quiet": ", ".join(one.quiet) or None, "acknowledged": held.author if held else None,
        "labels": _labels(alert.labels),
    }


def _labels(labels: Mapping[str, str]) -> str:
    return format_matchers(tuple(Matcher(name, "=", labels[name]) for name in sorted(labels)))


@app.command()
def show(
    words: Annotated[list[str], typer.Argument(
        metavar="ALERT", help="A fingerprint, or matchers that only one alert matches.")],
    include: Include = HERE, as_json: Json = False,
) -> None:
    """Tell all that happened to an alert.

    When it was found pending, firing and resolved, and with which value; who was told, why, and what the vendor
    answered; what silenced, inhibited or muted it; who acknowledged it. Oldest first.
    """
    with told_errors():
        ledger = open_ledger(include)
        one = _find_one(ledger.standings(now=datetime.now(UTC), resolved=True), words)
        happened = ledger.story(one.alert)
    if as_json:
        print_json(one.to_json() | {"history": happened})
        return
    for name, value in _told(one).items():
        typer.echo(f"{name:<13}{shown(value)}")
    typer.echo("")
    for entry in happened:
        typer.echo(f"{shown(entry['at'].replace(microsecond=0))}  {shown(_sentence(entry))}")


def _find_one(standings: "Sequence[Standing]", words: Sequence[str]) -> "Standing":
    """The only alert that is meant. Raises WatchbillError."""
    marks, matchers = parse_alert_words(words)
    found = [one for one in standings if one.alert.fingerprint in marks
             or (matchers and all(matcher.matches(one.alert.labels) for matcher in matchers))]
    if not found:
        raise WatchbillError("there is no such alert; `watchbill alerts list --resolved` shows what there is")
    if len(found) > 1:
        marks = [one.alert.fingerprint for one in found]
        more = f" and {len(marks) - 5} more" if len(marks) > 5 else ""
        raise WatchbillError(f"{len(marks)} alerts match: {', '.join(marks[:5])}{more}; name one of them")
    return found[0]


def _told(one: "Standing") -> dict[str, Any]:
    alert, held = one.alert, one.acknowledged
    facts: dict[str, Any] = {
        "alert": alert.fingerprint, "state": one.state, "labels": _labels(alert.labels), "summary": alert.title,
        "began": alert.starts_at.replace(microsecond=0), "by": ", ".join(one.origins),
        **{kind: _by(by) for kind, by in one.quiet.items()},
    }
    if one.state == "resolved" and alert.ends_at:
        facts["ended"] = alert.ends_at.replace(microsecond=0)
    if held:
        until = f" until {held.until:%Y-%m-%dT%H:%M:%SZ}" if held.until else ""
        facts["acknowledged"] = f"by {held.author}{until}{f': {held.comment}' if held.comment else ''}"
    return facts


def _sentence(entry: Mapping[str, Any]) -> str:
    """`firing, value 212 …`, `notification sent to slack #alerts of on-call (new): …`."""
    kind = str(entry["kind"]).removeprefix("alert_").replace("_", " ")
    if "notification" in entry:
        where = f"{entry['channel']} {entry['target']} of {entry['receiver']}, as {entry['as']}"
        said = [str(entry[name]) for name in ("reason", "error") if entry.get(name)]
        said += [f"answer {entry['answer']}"] if entry.get("answer") else []
        return f"{kind}: {where}{''.join(f', {each}' for each in said)}"
    rest = {name: value for name, value in entry.items()
            if name not in ("at", "kind", "labels", "origin", "metadata") and value not in (None, "")}
    rest |= {name: entry["metadata"][name] for name in ("value", "threshold") if name in entry.get("metadata", {})}
    told = ", ".join(f"{name} {_by(value) if name == 'by' else value}" for name, value in rest.items())
    return f"{kind}{f': {told}' if told else ''}"


def _by(by: Any) -> str:
    """Ids and fingerprints as they are; for a route that is mute, whom it leads to and in which intervals."""
    each = by if isinstance(by, list) else [by]
    return ", ".join(f"{', '.join(one['intervals'])} (for {one['receiver']})" if isinstance(one, dict) else str(one)
                     for one in each)


app.command()(ack)
app.command()(unack)
app.command()(preview)
