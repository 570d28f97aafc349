"""`watchbill check`: an include folder in; every finding out, and exit code 1 where one is an error."""

import gc
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import typer

from watchbill.cli.options import HERE, Include, Json
from watchbill.cli.printing import counted, print_json
from watchbill.dashboards.validate import validate
from watchbill.declare.load import Declarations, in_order, load
from watchbill.declare.route_checks import notes
from watchbill.model.collector import uncollected
from watchbill.model.failures import Finding


def check(include: Include = HERE, as_json: Json = False) -> None:
    """Check every declaration.

    Each mistake is told with its file, line and field, and with what to write instead. Needs neither Airflow
    nor a network. Variables such as WATCHBILL__TICK count as in a run.

    Where a default of Alertmanager means something else here, a note says so.

    Ends with 1 where there are errors; warnings alone end with 0.
    """
    with uncollected():
        declared = load(include, os.environ)
        findings = in_order([*declared.findings, *_not_shown(declared)])
        gc.freeze()  # all of it is kept to the end, which is near: looking through it again took a tenth of the time
    errors = [finding for finding in findings if finding.severity == "error"]
    if as_json:
        print_json({"ok": not errors, "errors": len(errors), "warnings": len(findings) - len(errors),
                    "findings": [asdict(finding) for finding in findings], "notes": _notes(declared)})
    else:
        for finding in findings:
            typer.echo(_line(finding, include))
        typer.echo(_summary(declared, len(errors), len(findings) - len(errors)))
        for note in _notes(declared):
            typer.echo(f"note: {note}")
    if errors:
        raise typer.Exit(1)


def _line(finding: Finding, include: Path) -> str:
    inside = include.is_dir() and not finding.file.startswith("$")
    return f"{finding.severity}: {include.as_posix() + '/' if inside else ''}{finding}"


def _not_shown(declared: Declarations) -> Iterator[Finding]:
    """What a cloud would refuse of a dashboard, or show otherwise than meant."""
    for dashboard in declared.dashboards:
        for one in validate(dashboard):
            yield declared.in_file(dashboard, one.path, one.problem, one.fix, warning=one.severity == "warning")


def _notes(declared: Declarations) -> list[str]:
    return list(notes(declared.alerting, declared.settings.tick)) if declared.alerting and declared.settings else []


def _summary(declared: Declarations, errors: int, warnings: int) -> str:
    found = [counted(count, noun) for count, noun in ((errors, "error"), (warnings, "warning")) if count]
    rules = sum(len(group.rules) for group in declared.groups)
    receivers = len(declared.alerting.receivers) if declared.alerting else 0
    sound = [counted(len(declared.metrics), "metric entry"), counted(rules, "rule"),
             counted(receivers, "receiver"), counted(len(declared.dashboards), "dashboard")]
    return f"{', '.join(found) or 'No errors'}; usable: {', '.join(sound)}"
