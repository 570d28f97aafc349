"""`watchbill backfill`: what history would cost, before any of it is collected."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchbill.cli.airflow_output import airflow_on_stderr
from watchbill.cli.options import HERE, Include, Json, check_order, moment, told_errors
from watchbill.cli.printing import print_json, print_table, shown
from watchbill.declare.load import load_metrics
from watchbill.model.series import Source
from watchbill.model.windows import Window

if TYPE_CHECKING:
    from watchbill.flows.backfill_metrics import Estimate

app = typer.Typer(name="backfill", help="Look at a backfill before it is run.", no_args_is_help=True,
                  rich_markup_mode=None)


@app.command()
def plan(
    source: Annotated[Source, typer.Option("--source", help="Where the points come from.")],
    start: Annotated[datetime, typer.Option(
        "--start", parser=moment, metavar="TIME", help="From this time on, such as 2026-01-31T12:00:00Z.")],
    end: Annotated[datetime, typer.Option("--end", parser=moment, metavar="TIME", help="Before this time.")],
    metrics: Annotated[list[str] | None, typer.Option(
        "--metrics", help="An entry of metrics/; may be given again. All of them where it is left out.")] = None,
    include: Include = HERE, as_json: Json = False,
) -> None:
    """Say what `backfill_metrics` would cost.

    For each connection: the calls, the metrics that AWS bills and their price, the points at most, and the
    time that the default quotas ask for at least. Nothing is collected; only the metrics behind a `*` are
    listed, which is free.
    """
    check_order(start, end)
    window = Window(start, end)
    with told_errors():
        found = _estimate(include, source, window, metrics or [])
    told = {"source": source, "window": window.to_json(), "series": found.series}
    if as_json:
        print_json(told | _figures(found))
    else:
        _print(found, f"{source} {window}: {found.series} series")
    for problem in found.failed:
        typer.echo(f"watchbill: {shown(problem)}", err=True)
    if found.failed:
        raise typer.Exit(1)


def _estimate(include: Path, source: Source, window: Window, metrics: list[str]) -> "Estimate":
    entries = load_metrics(include, os.environ, metrics)
    with airflow_on_stderr():
        from watchbill.flows.backfill_metrics import estimate_backfill
        from watchbill.on_airflow.connections import outside_of_tasks
        from watchbill.on_airflow.readers import readers

        with outside_of_tasks():
            return estimate_backfill(entries, source, window, readers(), now=datetime.now(UTC))


def _figures(found: "Estimate") -> dict[str, Any]:
    return {"targets": [{**target.to_json(), **cost.to_json()} for target, cost in found.targets.items()],
            "total": found.total.to_json(), "warnings": list(found.warnings),
            "failed": list(found.failed)}


def _print(found: "Estimate", headline: str) -> None:
    typer.echo(headline)
    costs = {str(target): cost for target, cost in found.targets.items()}
    costs |= {"total": found.total} if len(costs) != 1 else {}
    rows = [{"connection": name, "calls": cost.calls, "billed metrics": cost.billed_metrics, "price": cost.price,
             "points at most": cost.points, "time at least": cost.expected_time} for name, cost in costs.items()]
    print_table(list(rows[0]), rows)
    for warning in found.warnings:
        typer.echo(f"warning: {shown(warning)}")
