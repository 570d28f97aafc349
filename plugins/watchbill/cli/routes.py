"""`watchbill routes`: who hears of an alert, before there is one."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from watchbill.alerts.routing import Matched, Node, Options, routes, tree
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import print_json, shown
from watchbill.cli.route_cases import read_cases, receivers
from watchbill.declare.load import load_alerting
from watchbill.model.alerting import Alerting
from watchbill.model.matchers import format_matchers
from watchbill.model.windows import format_duration

app = typer.Typer(name="routes", help="Try the routing of alerting.yaml.", no_args_is_help=True,
                  rich_markup_mode=None)


@app.command("test")
def try_labels(
    labels: Annotated[list[str] | None, typer.Argument(
        help="The alert's labels as name=value, all of them: an absent label equals an empty one.",
        metavar="LABEL=VALUE...", show_default=False)] = None,
    include: Include = HERE, as_json: Json = False,
    cases: Annotated[Path | None, typer.Option(
        help="A JSON list of {config_yaml, labels}, or - for stdin: each case with a routing tree of its own. Prints a "
             "JSON list of lists of receivers.")] = None,
) -> None:
    """Say who would hear of an alert.

    For its labels: the receivers, the route and group that lead there, when, and over which channels.

    Receivers come in the order of the tree, as in `amtool config routes test`, and again where two
    routes name the same one.
    """
    if cases is not None:
        with told_errors():
            print_json([receivers(case) for case in read_cases(cases)])
        return
    alert = _labels(labels or [])
    with told_errors():
        alerting = _alerting(include)
    found = [_told(alerting, matched, alert) for matched in routes(alerting, alert)]
    if as_json:
        print_json(found)
        return
    for route in found:
        typer.echo(shown(route["receiver"]))
        for name in ("route", "group", "timing", "hours", "escalation", "labels", "channels"):
            if route[name] or name == "channels":
                label = "then" if name == "escalation" else name
                typer.echo(f"  {label:<9}{shown(route[name] if name != 'channels' else _channels(route))}")


@app.command()
def show(include: Include = HERE, as_json: Json = False) -> None:
    """Draw the routing tree.

    Each route is shown with its matchers and receiver, with `continue` where its neighbours are asked too, and with its
    time intervals. JSON has what it inherits as well.
    """
    with told_errors():
        alerting = _alerting(include)
    root = tree(alerting.route)
    if as_json:
        print_json(_branch(root))
        return
    for line in _drawn(root, "", ""):
        typer.echo(line)


def _labels(words: list[str]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for word in words:
        name, found, value = word.partition("=")
        if not name or not found:
            raise typer.BadParameter(f"{word!r} is no label; write name=value", param_hint="LABEL=VALUE")
        if name in labels:
            raise typer.BadParameter(f"the label {name!r} is there twice", param_hint="LABEL=VALUE")
        labels[name] = value
    return labels


def _alerting(include: Path) -> Alerting:
    return load_alerting(include, os.environ)


def _told(alerting: Alerting, matched: Matched, labels: dict[str, str]) -> dict[str, Any]:
    options = matched.options
    return {
        "receiver": matched.receiver,
        "route": matched.path,
        "group": matched.group_key(labels).removeprefix(f"{matched.path}:"),
        "timing": f"after {format_duration(options.group_wait)}, changes every "
                  f"{format_duration(options.group_interval)}, again every {format_duration(options.repeat_interval)}",
        "hours": _hours(options),
        "escalation": ", ".join(f"{step.receiver} after {format_duration(step.after)}" for step in options.escalations),
        "labels": dict(matched.labels),
        "channels": [{"kind": channel.kind, "target": channel.target, "connection": channel.connection,
                      "send_resolved": resolved} for channel, resolved in alerting.channels(matched.receiver)],
    }


def _hours(options: Options) -> str:
    parts = [f"{word} {', '.join(names)}" for word, names in (
        ("mute in", options.mute_time_intervals), ("active in", options.active_time_intervals)) if names]
    return ", ".join(parts)


def _channels(route: dict[str, Any]) -> str:
    return ", ".join(f"{each['kind']} {each['target']}" for each in route["channels"]) or "none: nobody is told"


def _branch(node: Node) -> dict[str, Any]:
    options = node.matched.options
    return {"matchers": format_matchers(node.matchers), "receiver": node.matched.receiver, "continue": node.goes_on,
            "group_by": ["..."] if options.group_by_all else list(options.group_by),
            **{name: format_duration(getattr(options, name))
               for name in ("group_wait", "group_interval", "repeat_interval")},
            "hours": _hours(options), "labels": dict(node.matched.labels),
            "routes": [_branch(child) for child in node.children]}


def _drawn(node: Node, first: str, rest: str) -> Iterator[str]:
    name = format_matchers(node.matchers) if node.matchers else "every alert"
    words = [f"{name} -> {node.matched.receiver}", *(["continue"] if node.goes_on else []),
             *filter(None, [_hours(node.matched.options)])]
    yield shown(f"{first}{', '.join(words)}")
    for place, child in enumerate(node.children):
        last = place == len(node.children) - 1
        yield from _drawn(child, f"{rest}{'└── ' if last else '├── '}", f"{rest}{'    ' if last else '│   '}")
