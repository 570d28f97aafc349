"""`watchbill metrics`: what the entries resolve to right now, and entries for what a cloud has."""

import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchbill.cli.airflow_output import airflow_on_stderr
from watchbill.cli.discovered import Discovered, cloudwatch_entries, datadog_entries, written
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import print_json, print_table, shown
from watchbill.declare.load import load_metrics, load_settings
from watchbill.model.series import CONNECTIONS, Source
from watchbill.model.windows import format_duration
from watchbill.sources.cost import dollars

if TYPE_CHECKING:
    from watchbill.flows.resolve_metrics import Resolution, Resolved

app = typer.Typer(name="metrics", help="Look at what is collected, and at what could be.", no_args_is_help=True,
                  rich_markup_mode=None)


@app.command()
def show(
    entries: Annotated[list[str] | None, typer.Argument(
        metavar="[ENTRY]...", help="Entries of metrics/, whose series are listed; all are summed up without.")] = None,
    include: Include = HERE, as_json: Json = False,
) -> None:
    """Say what the entries resolve to right now.

    For each target: the series, the tags that are joined to them, and what asking for them at the tick costs in a
    month of 30 days. Nothing is collected; metrics and tags are listed, which is free.
    """
    with told_errors():
        found, tick = _resolution(include, entries or [])
    if as_json:
        print_json({"tick": tick, **_figures(found)})
        _tell_failed(found)
        return
    _print_resolved(found, tick)
    if entries:
        typer.echo("")
        _print_series(found)
    for warning in found.warnings:
        typer.echo(f"warning: {shown(warning)}")
    _tell_failed(found)


def _tell_failed(found: "Resolution") -> None:
    for problem in found.failed:
        typer.echo(f"watchbill: {shown(problem)}", err=True)
    if found.failed:
        raise typer.Exit(1)


def _resolution(include: Any, names: list[str]) -> tuple["Resolution", str]:
    settings, entries = load_settings(include, os.environ), load_metrics(include, os.environ, names)
    with airflow_on_stderr():
        from watchbill.flows.resolve_metrics import resolve_metrics
        from watchbill.on_airflow.connections import outside_of_tasks
        from watchbill.on_airflow.readers import readers

        with outside_of_tasks():
            found = resolve_metrics(entries, readers(), tick=settings.tick, delay=settings.delay,
                                    now=datetime.now(UTC))
    return found, format_duration(settings.tick)


def _figures(found: "Resolution") -> dict[str, Any]:
    return {
        "entries": [{"entry": one.entry.name, "target": one.target.to_json(), **_bill(one.billed_a_month),
                     "series": [{**query.series.to_json(), "query": query.text, "groups": query.group_by}
                                for query in one.queries]} for one in found.resolved],
        "total": {"calls_a_month": found.calls_a_month, **_bill(found.billed_a_month)},
        "warnings": list(found.warnings), "failed": list(found.failed)}


def _bill(metrics: int) -> dict[str, Any]:
    return {"billed_metrics_a_month": metrics, "dollars_a_month": dollars(metrics)}


def _print_resolved(found: "Resolution", tick: str) -> None:
    rows = [{"entry": one.entry.name, "source": one.target.source, "target": str(one.target),
             "series": len(one.queries), "a month": _price(one.billed_a_month)} for one in found.resolved]
    series = sum(len(one.queries) for one in found.resolved)
    total = {"entry": "total", "source": "", "target": "", "series": series, "a month": _price(found.billed_a_month)}
    print_table(list(total), [*rows, total])
    typer.echo(f"{found.calls_a_month:,} calls a month, at a tick of {tick}")


def _price(metrics: int) -> str:
    return f"${dollars(metrics):,.2f}"


def _print_series(found: "Resolution") -> None:
    rows = [_row(one, place) for one in found.resolved for place in range(len(one.queries))]
    if rows:
        print_table(list(rows[0]), rows)


def _row(one: "Resolved", place: int) -> dict[str, str]:
    query, series = one.queries[place], one.queries[place].series
    dimensions = [f"{name}={value}" for name, value in series.dimensions] + [f"{name}=…" for name in query.group_by]
    return {"entry": one.entry.name, "account": series.account, "region": series.region,
            "metric": f"{series.namespace}/{series.metric}", "statistic": series.statistic,
            "dimensions": " ".join(dimensions), "tags": " ".join(f"{name}={value}" for name, value in series.tags)}


@app.command()
def discover(
    namespace: Annotated[str, typer.Argument(
        help="Of CloudWatch, such as AWS/EC2; for Datadog, what names begin with.")],
    source: Annotated[Source, typer.Option("--source", help="Where to look.")] = "cloudwatch",
    connection: Annotated[str, typer.Option(
        "--connection", help="The Airflow connection; aws_default or datadog_default where it is left out.")] = "",
    region: Annotated[str, typer.Option("--region", help="The connection's own where it is left out.")] = "",
    all_accounts: Annotated[bool, typer.Option(
        "--all-accounts", help="Of a monitoring account: the metrics of linked accounts too.")] = False,
    as_json: Json = False,
) -> None:
    """Print entries for the metrics that a namespace has.

    Those of CloudWatch had points in the last two weeks, those of Datadog in the last day. Metrics with the same names
    of dimensions become one entry. What is printed goes into metrics/ as it is; `watchbill check` takes it. Listing
    is free.
    """
    conn_id = connection or CONNECTIONS[source]
    with told_errors():
        found = (_in_cloudwatch(namespace, conn_id, region, all_accounts) if source == "cloudwatch"
                 else _in_datadog(namespace, conn_id))
    if as_json:
        print_json([asdict(one) for one in found])
    elif found:
        typer.echo(written(found), nl=False)
    else:
        typer.echo(f"watchbill: {conn_id} has no metrics of {shown(namespace)}", err=True)
        raise typer.Exit(1)


def _in_cloudwatch(namespace: str, conn_id: str, region: str, linked: bool) -> list[Discovered]:
    with airflow_on_stderr():
        from watchbill.on_airflow.connections import outside_of_tasks
        from watchbill.on_airflow.hooks.aws import CloudWatchHook
        from watchbill.sources.cloudwatch.listing import everything

        with outside_of_tasks():
            hook = CloudWatchHook(conn_id, region_name=region or None)
            found = everything(hook.client(), conn_id, hook.account(), str(hook.conn_region_name), namespace,
                               linked=linked)
    return cloudwatch_entries([(one.metric, one.dimensions) for one in found], namespace, conn_id, region, linked)


def _in_datadog(prefix: str, conn_id: str) -> list[Discovered]:
    with airflow_on_stderr():
        from watchbill.on_airflow.connections import outside_of_tasks
        from watchbill.on_airflow.hooks.datadog import DatadogHook
        from watchbill.sources.datadog.listing import A_DAY, active_metrics

        with outside_of_tasks():
            hook = DatadogHook(conn_id)
            return datadog_entries(active_metrics(hook.client, hook.site, conn_id, prefix,
                                                  datetime.now(UTC) - A_DAY), conn_id)
