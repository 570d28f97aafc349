"""`watchbill doctor`: declarations in; the connections and permissions that they need out. 1 where one is missing."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from watchbill.cli.airflow_output import airflow_on_stderr
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import counted, print_json, print_table, shown
from watchbill.declare.load import Declarations, load
from watchbill.model.settings import Settings

if TYPE_CHECKING:
    from watchbill.doctor import Check


def doctor(include: Include = HERE, as_json: Json = False) -> None:
    """Try every connection and permission that the declarations need.

    Metrics, dashboards, receivers, the lake and the ledger: each permission is ok, missing, or cannot be tried without
    writing. Nothing is posted, sent or changed at a vendor; in the lake one file comes and goes.

    Ends with 1 where something is missing.
    """
    declared = load(include, os.environ)
    with told_errors():
        checks = list(_checks(declared, declared.require_settings()))
    missing = [check for check in checks if check.status == "missing"]
    broken = [finding for finding in declared.findings if finding.severity == "error"]
    if as_json:
        print_json({"ok": not missing, "checks": [check.to_json() for check in checks], "left_out": len(broken)})
    else:
        _print(checks)
    if broken:
        typer.echo(f"watchbill: {counted(len(broken), 'error')} in {include.as_posix()}: what is broken was left out; "
                   "`watchbill check` tells it", err=True)
    if missing:
        raise typer.Exit(1)


def _checks(declared: Declarations, settings: Settings) -> Iterator["Check"]:
    with airflow_on_stderr():
        from watchbill.doctor import examinations
        from watchbill.on_airflow.connections import outside_of_tasks
        from watchbill.on_airflow.probes import AirflowOpeners

        with outside_of_tasks():
            for examination in examinations(declared, AirflowOpeners(settings), datetime.now(UTC)):
                typer.echo(shown(f"trying {examination.subject} …"), err=True)
                yield from examination.checks()


def _print(checks: list["Check"]) -> None:
    columns = ("status", "part", "connection", "target", "permission")
    print_table(columns, [{name: getattr(check, name) for name in columns} for check in checks])
    for status in ("missing", "untried"):
        for check in checks:
            if check.status == status:
                about = f"{check.permission} of {check.connection} for {check.target}"
                typer.echo(shown(f"{status}: {about}: {check.said}"))
    counts = Counter(check.status for check in checks)
    typer.echo(f"{counts['ok']} ok, {counts['missing']} missing, {counts['untried']} cannot be tried without writing")
