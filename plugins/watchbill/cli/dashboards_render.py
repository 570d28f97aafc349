"""`watchbill dashboards render`: a dashboard as one picture, from what the lake has of its metrics."""

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from watchbill.cli.lake_place import Url, open_lake
from watchbill.cli.options import HERE, Include, duration, moment, told_errors
from watchbill.declare.load import load_dashboard_file, load_dashboards
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import WatchbillError

_KINDS: dict[str, Literal["png", "svg"]] = {".png": "png", ".svg": "svg"}


def render(
    dashboard: Annotated[str, typer.Argument(
        metavar="ID|FILE", show_default=False,
        help="A dashboard of the include folder by its id, or a file, which need not be in use: YAML, or a vendor's "
             "JSON.")],
    out: Annotated[Path | None, typer.Option(
        "--out", "-o", help="The .png or .svg to write; <id>.png where left out.", show_default=False)] = None,
    start: Annotated[timedelta | None, typer.Option(
        "--start", parser=duration, metavar="SPAN", show_default=False,
        help="How long a time it shows, such as 3h or 7d; what the dashboard says, or 3h, where left out.")] = None,
    width: Annotated[int, typer.Option("--width", min=400, max=4000, help="In pixels.")] = 1600,
    now: Annotated[datetime | None, typer.Option(
        "--now", parser=moment, metavar="TIME", help="Where its time ends; now where left out.",
        show_default=False)] = None,
    zone: Annotated[str, typer.Option("--timezone", help="Of the times in it, such as Europe/Berlin.")] = "UTC",
    include: Include = HERE, lake: Url = "",
) -> None:
    """Draw a dashboard from the lake.

    In the layout of its grid, with the lines, areas, numbers, tables and texts that the clouds would show. What the
    lake cannot know (logs, alarms, widgets that only one vendor draws) stands as a frame that says so. Asks neither
    cloud.
    """
    if out is not None and out.suffix not in _KINDS:
        raise typer.BadParameter("it ends neither with .png nor with .svg", param_hint="--out")
    with told_errors():
        found = _dashboard(dashboard, include)
        file = out or Path(f"{found.id}.png")
        from watchbill.flows.draw_dashboard import draw_dashboard

        drawing = draw_dashboard(found, open_lake(include, lake), now=now or datetime.now(UTC), span=start,
                                 width=width, zone=zone, kind=_KINDS[file.suffix])
        try:
            file.write_bytes(drawing.picture)
        except OSError as error:
            raise WatchbillError(f"{file} cannot be written: {error.strerror}") from None
    typer.echo(str(file))


def _dashboard(wanted: str, include: Path) -> Dashboard:
    file = Path(wanted)
    if file.is_file():
        return _of_vendor(file) if file.suffix == ".json" else load_dashboard_file(include, file)
    known = {one.id: one for one in load_dashboards(include, os.environ)}
    if wanted not in known:
        raise WatchbillError(f"there is no dashboard and no file {wanted}; dashboards are "
                             f"{', '.join(sorted(known)) or 'none'}")
    return known[wanted]


def _of_vendor(file: Path) -> Dashboard:
    """CloudWatch's body, or what get-dashboard answers; or Datadog's."""
    from watchbill.dashboards import from_cloudwatch, from_datadog

    try:
        body = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(body, dict) and isinstance(body.get("DashboardBody"), str):
            body = json.loads(body["DashboardBody"])
    except (OSError, ValueError) as error:
        raise WatchbillError(f"{file} cannot be read: {error}") from None
    if not isinstance(body, dict) or not isinstance(body.get("widgets"), list):
        raise WatchbillError(f"{file} is no dashboard: it has no list of `widgets`")
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", file.stem)[:200] or "dashboard"
    read = from_datadog.read if "layout_type" in body else from_cloudwatch.read
    return read(body, name).dashboard
