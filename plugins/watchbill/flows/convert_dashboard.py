"""The JSON of one cloud's dashboard, or a declaration -> the other cloud's body, and a report of each widget."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pydantic import ValidationError

from watchbill.dashboards import from_cloudwatch, from_datadog
from watchbill.dashboards.convert.conversion import Report
from watchbill.dashboards.convert.converting import convert
from watchbill.dashboards.convert.log_forms import filled
from watchbill.dashboards.convert.logs_to_insights import ALL_LOG_GROUPS
from watchbill.dashboards.lost import Lost
from watchbill.dashboards.reading import Reading
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.model.clouds import NAMES
from watchbill.model.dashboards import Cloud, Dashboard, LogWidget, walk
from watchbill.model.failures import DashboardError

_READERS: dict[Cloud, Callable[[Any, str], Reading]] = {"cloudwatch": from_cloudwatch.read,
                                                          "datadog": from_datadog.read}


@dataclass(frozen=True)
class Conversion:
    dashboard: Dashboard  # for the other cloud alone
    body: dict[str, Any]
    report: Report


def convert_dashboard(document: Any, to: Cloud, name: str, *, log_groups: Sequence[str] = (),
                      region: str = "eu-west-1") -> Conversion:
    """`document`: a body of either cloud, or a declaration. `log_groups` and `region`: of CloudWatch.

    Raises DashboardError where it is no dashboard, or for `to` already.
    """
    reading = read_any(document, to, name)
    variables = {one.name: one for one in reading.dashboard.variables}
    dashboard, report = convert(reading, to, name, partial(filled, to=to, log_groups=log_groups, variables=variables))
    if any(isinstance(one, LogWidget) and one.cloudwatch and one.cloudwatch.log_groups == (ALL_LOG_GROUPS,)
           for _, one in walk(dashboard)):
        report = replace(report, lost=(*report.lost, "its log widgets search all log groups: name them (--log-group)"))
    lost = Lost()
    body = to_cloudwatch(dashboard, region, lost) if to == "cloudwatch" else to_datadog(dashboard, lost)
    variables_lost = dict.fromkeys(
        f"{dashboard.variables[int(one.path[1])].name}: {one.reason}" if len(one.path) > 1 else one.reason
        for one in lost.losses if one.path[:1] == ("variables",))
    report = replace(report, lost=(*report.lost, *variables_lost))
    return Conversion(dashboard, body, report)


def read_any(document: Any, to: Cloud, name: str) -> Reading:
    """Raises DashboardError."""
    if not isinstance(document, Mapping) or not isinstance(document.get("widgets"), list):
        raise DashboardError(f"{name} is no dashboard: it has no list of `widgets`")
    if {"id", "title"} <= document.keys() and "layout_type" not in document:
        return _declared(document, to, name)
    source: Cloud = "datadog" if "layout_type" in document else "cloudwatch"
    if source == to:
        raise DashboardError(f"{name} is a dashboard of {NAMES[to]} already")
    return _READERS[source](document, name)


def _declared(document: Mapping[str, Any], to: Cloud, name: str) -> Reading:
    """Without origins: nothing of a declaration is left unsaid."""
    try:
        dashboard = Dashboard.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DashboardError(f"{name} is no declaration of a dashboard: {where}: {first['msg']}") from None
    return Reading("datadog" if to == "cloudwatch" else "cloudwatch", dashboard, {})
