"""`watchbill rules backtest`: what a rule would have done, before it does anything."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from watchbill.cli.lake_place import Url, open_lake
from watchbill.cli.options import HERE, Include, Json, moment, told_errors
from watchbill.cli.printing import print_json, print_table, shown
from watchbill.declare.load import Declarations, load, load_rule_file
from watchbill.model.failures import WatchbillError
from watchbill.model.rules import RuleGroup, named
from watchbill.model.windows import Window, format_duration

if TYPE_CHECKING:
    from watchbill.flows.backtest_rules import Backtest

_KINDS: dict[str, Literal["png", "svg"]] = {".png": "png", ".svg": "svg"}


def backtest(
    rule: Annotated[str, typer.Argument(
        help="A rule by its name (Alert or group/Alert), or a file of rules, which need not be in use.",
        metavar="RULE|FILE", show_default=False)],
    start: Annotated[datetime, typer.Option(
        "--start", parser=moment, metavar="TIME", help="From this time on, such as 2026-01-31.", show_default=False)],
    end: Annotated[datetime, typer.Option(
        "--end", parser=moment, metavar="TIME", help="Up to this time.", show_default=False)],
    picture: Annotated[Path | None, typer.Option(
        help="A .png or .svg to draw: what was judged, the threshold, and when alerts fired. For several rules their "
             "names come before the suffix.")] = None,
    include: Include = HERE, lake: Url = "", as_json: Json = False,
) -> None:
    """Say what rules would have done over a span of the lake.

    They are judged as the ticks of that time would have judged them: the same alerts, at the same moments. Nothing is
    written and nobody is told.
    """
    if end <= start:
        raise typer.BadParameter("it does not come after --start", param_hint="--end")
    if picture is not None and picture.suffix not in _KINDS:
        raise typer.BadParameter("it ends neither with .png nor with .svg", param_hint="--picture")
    with told_errors():
        declared = load(include, os.environ)
        groups, chosen = _rules(rule, declared)
        from watchbill.flows.backtest_rules import backtest_rules

        found = backtest_rules(groups, chosen, declared.require_settings(), open_lake(include, lake),
                               Window(start, end), entries=declared.metrics, pictured=picture is not None)
        if picture is not None:
            _draw(found, picture)
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        for one in found:
            _tell(one)


def _rules(wanted: str, declared: Declarations) -> tuple[Sequence[RuleGroup], list[str]]:
    """All rules, those of the file in place of groups of the same name, and the names of the wanted ones."""
    if Path(wanted).is_file():
        new = load_rule_file(Path(wanted))
        groups = [*new, *(group for group in declared.groups if group.name not in {one.name for one in new})]
        return groups, list(named(new))
    rules = named(declared.groups)
    chosen = [name for name, (_, rule) in rules.items() if wanted in (name, rule.alert)]
    if not chosen:
        raise WatchbillError(f"there is no rule and no file {wanted}; rules are {', '.join(sorted(rules)) or 'none'}")
    return declared.groups, chosen


def _draw(found: Sequence["Backtest"], picture: Path) -> None:
    for one in found:
        name = f"{picture.stem}-{one.replayed.name.replace('/', '-')}{picture.suffix}"
        file = picture if len(found) == 1 else picture.with_name(name)
        try:
            file.write_bytes(one.draw(_KINDS[picture.suffix]))
        except OSError as error:
            raise WatchbillError(f"{file} cannot be written: {error.strerror}") from None


def _tell(one: "Backtest") -> None:
    replayed = one.replayed
    missed = f", {replayed.missed} times not collected" if replayed.missed else ""
    part = one.in_alert / one.window.length
    typer.echo(f"{shown(replayed.name)}: {len(replayed.firings)} firings, {format_duration(one.in_alert)} in alert "
               f"({part:.1%} of the time), {replayed.evaluations} evaluations{missed}")
    if not replayed.firings:
        return
    print_table(("week", "firings", "in alert"), [
        {"week": week.week, "firings": week.firings, "in alert": format_duration(week.in_alert)} for week in one.weeks])
    print_table(("start", "end", "lasted", "labels"), [
        {"start": _time(each.start), "end": _time(each.end) if each.end else "fires on",
         "lasted": format_duration((each.end or one.window.end) - each.start),
         "labels": ", ".join(f"{name}={value}" for name, value in sorted(each.labels.items()))}
        for each in replayed.firings])


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
