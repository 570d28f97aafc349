"""`watchbill dashboards import`: dashboards that are there already, as files of dashboards/."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from watchbill.cli.airflow_output import airflow_on_stderr
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import counted, print_json, shown
from watchbill.dashboards.live.existing import Existing, in_file
from watchbill.dashboards.reading import Reading, outline
from watchbill.dashboards.written import document, written
from watchbill.declare.load import load_settings
from watchbill.model.clouds import NAMES, Cloud
from watchbill.model.dashboards import Dashboard, RawWidget
from watchbill.model.failures import DashboardError, WatchbillError
from watchbill.model.series import CONNECTIONS


def _reader(cloud: Cloud) -> Callable[[Any, str], Reading]:
    """A body and the id to declare it by go in. It raises DashboardError for what is no body."""
    from watchbill.dashboards import from_cloudwatch, from_datadog  # much, and for this command alone

    return from_cloudwatch.read if cloud == "cloudwatch" else from_datadog.read


def import_dashboards(
    cloud: Annotated[Cloud, typer.Argument(help="Whose dashboards: cloudwatch or datadog.")],
    what: Annotated[str, typer.Argument(
        help="The name of a dashboard of CloudWatch, the id of one of Datadog, or a file with the JSON of one; - for "
             "stdin.", show_default=False)] = "",
    everything: Annotated[bool, typer.Option(
        "--all", help="Every dashboard of the account or organisation that no declaration keeps yet.")] = False,
    connection: Annotated[str, typer.Option(
        "--connection", help="The Airflow connection; aws_default or datadog_default where it is left out.")] = "",
    region: Annotated[str, typer.Option("--region", help="The connection's own where it is left out.")] = "",
    dashboard_id: Annotated[str, typer.Option("--id", help="The id to declare it by; made of its name or title where "
                                                           "it is left out.")] = "",
    write: Annotated[bool, typer.Option(
        "--write", help="Write dashboards/ID.yaml, which must not be there yet, instead of printing it.")] = False,
    include: Include = HERE, as_json: Json = False,
) -> None:
    """Read dashboards of CloudWatch or Datadog into declarations.

    What a declaration has no words for is kept as an override, or as a raw widget, so that applying it gives the same
    dashboard back: nothing is lost, and a report on standard error tells of each widget how it is kept. A dashboard
    that was read from its cloud names it in `adopt`, and so stays the same one. Nothing is changed in the cloud.
    """
    with told_errors():
        if bool(what) == everything:
            raise typer.BadParameter("name one dashboard or a file, or write --all", param_hint="WHAT")
        owner = load_settings(include, os.environ).dashboards.owner
        found = list(_found(cloud, what, connection or CONNECTIONS[cloud], region, owner))
        read = _read(cloud, found, dashboard_id)
        if as_json:
            print_json([{"dashboard": document(each.dashboard), "widgets": [*_kept(each)]} for each in read])
            return
        if write:
            _write(include, [each.dashboard for each in read])
        else:
            typer.echo("---\n".join(written(each.dashboard) for each in read), nl=False)
    for each in read:
        for line in _report(each):
            typer.echo(line, err=True)


def _read(cloud: Cloud, found: Iterable[Existing], dashboard_id: str) -> list[Reading]:
    read, taken = list[Reading](), set[str]()
    for each in found:
        name = dashboard_id or _free(_slug(each.ref if each.ref and cloud == "cloudwatch" else each.title), taken)
        taken.add(name)
        try:
            reading = _reader(cloud)(each.body, name)
        except DashboardError as error:
            raise WatchbillError(f"{each.title} cannot be imported: {error}") from None
        given = {"adopt": {cloud: each.ref}} if each.ref else {}
        title = {} if cloud == "datadog" else {"title": each.title[:200]}
        dashboard = Dashboard.model_validate({**_set(reading.dashboard), **title, **given})
        read.append(Reading(reading.cloud, dashboard, reading.origins, reading.unsaid))
    return read


def _set(dashboard: Dashboard) -> dict[str, Any]:
    return {name: getattr(dashboard, name) for name in dashboard.model_fields_set}


def _found(cloud: Cloud, what: str, conn_id: str, region: str, owner: str) -> Iterator[Existing]:
    if what == "-" or Path(what).is_file():
        yield from in_file(cloud, _json(what), Path(what).stem if what != "-" else "imported")
        return
    if what.endswith(".json"):
        raise WatchbillError(f"{what} is not there")
    with airflow_on_stderr():
        from watchbill.on_airflow.connections import outside_of_tasks

        with outside_of_tasks():
            yield from (_in_cloudwatch(conn_id, region, what, owner) if cloud == "cloudwatch"
                        else _in_datadog(conn_id, what, owner))


def _in_cloudwatch(conn_id: str, region: str, name: str, owner: str) -> Iterator[Existing]:
    from watchbill.dashboards.live.existing import cloudwatch_dashboard, cloudwatch_names
    from watchbill.on_airflow.hooks.aws import CloudWatchHook

    client = CloudWatchHook(conn_id, region_name=region or None).client()
    for each in [name] if name else cloudwatch_names(client, owner):
        yield cloudwatch_dashboard(client, each)


def _in_datadog(conn_id: str, dashboard_id: str, owner: str) -> Iterator[Existing]:
    from watchbill.dashboards.live.datadog_calls import Calls
    from watchbill.dashboards.live.existing import datadog_dashboard, datadog_ids
    from watchbill.on_airflow.hooks.datadog import DatadogHook

    calls = Calls(DatadogHook(conn_id).client)
    for each in [dashboard_id] if dashboard_id else datadog_ids(calls, owner):
        yield datadog_dashboard(calls, each)


def _json(file: str) -> Any:
    try:
        return json.loads(sys.stdin.read() if file == "-" else Path(file).read_text())
    except (OSError, ValueError) as error:
        raise WatchbillError(f"{file} cannot be read: {error}") from None


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:200] or "imported"


def _free(name: str, taken: set[str]) -> str:
    """Titles may be there twice, and names that differ in signs only."""
    count = 1
    while (tried := name if count == 1 else f"{name[:195]}-{count}") in taken:
        count += 1
    return tried


def _write(include: Path, dashboards: Iterable[Dashboard]) -> None:
    files = {include / f"dashboards/{each.id}.yaml": written(each) for each in dashboards}
    if there := [str(file) for file in files if file.exists()]:
        raise WatchbillError(f"{', '.join(there)}: there already; nothing was written")
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def _kept(reading: Reading) -> Iterator[dict[str, Any]]:
    """How each widget is kept: modelled, with an override (of what), or raw."""
    for path, widget in outline(reading.dashboard.widgets):
        origin = reading.origins.get(path)
        override = getattr(widget.override, reading.cloud)
        kept = "raw" if isinstance(widget, RawWidget) else "override" if override else "modelled"
        yield {"path": path, "kind": origin.kind if origin else widget.type, "title": widget.title, "kept": kept,
               "override": [*_names(override)],
               "unsaid": [*(each.what for each in origin.unsaid), *origin.broken.values()] if origin else []}


def _names(override: Any, path: str = "") -> Iterator[str]:
    """The members that an override changes: `properties.liveData`."""
    for name, value in override.items():
        if isinstance(value, dict) and value:
            yield from _names(value, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def _report(reading: Reading) -> Iterator[str]:
    kept = [*_kept(reading)]
    yield f"{shown(reading.dashboard.title)}: {counted(len(kept), 'widget')} of {NAMES[reading.cloud]}"
    for each in kept:
        named = f"{each['path']} {each['kind']} {each['title']}".strip()
        yield f"  {each['kept']:<9} {shown(named)}"
        if each["override"]:
            yield f"            by override: {shown(', '.join(each['override']))}"
        for one in each["unsaid"]:
            yield f"            not in our words: {shown(one)}"
    counts = {way: sum(each["kept"] == way for each in kept) for way in ("modelled", "override", "raw")}
    yield f"  {counts['modelled']} modelled, {counts['override']} with an override, {counts['raw']} raw"
