"""Names of Datadog's that users have said once, given to every entry and every line that leaves its own out."""

from dataclasses import replace
from pathlib import Path

from watchbill.declare.files import DATADOG_NAMES
from watchbill.declare.parts import Located, Parts
from watchbill.model.dashboards import Dashboard, GroupWidget, MetricWidget, Widget, WidgetMetric
from watchbill.model.datadog_names import metric_name
from watchbill.model.failures import Finding
from watchbill.model.metrics import MetricEntry
from watchbill.model.own_names import OwnNames


def read_own_names(include: Path) -> tuple[OwnNames, list[Finding]]:
    """None where there is no such file, or where it is broken."""
    parts: Parts[OwnNames] = Parts()
    file = include / DATADOG_NAMES
    document = parts.add_file(include, file) if file.is_file() else None
    if document:
        parts.take(OwnNames, document.data, document)
    return next((one.value for one in parts.located), OwnNames()), parts.findings


def entry_named(one: Located[MetricEntry], own: OwnNames) -> Located[MetricEntry]:
    entry = one.value
    there = own.names.get(entry.namespace, {})
    names = {metric: there[metric] for metric in entry.metrics if metric in there} | entry.datadog_names
    if "datadog" not in entry.sources or names == entry.datadog_names:
        return one
    return replace(one, value=entry.model_copy(update={"datadog_names": names}))


def dashboard_named(one: Located[Dashboard], own: OwnNames) -> Located[Dashboard]:
    if not own.names:
        return one
    widgets = tuple(_widget(widget, own) for widget in one.value.widgets)
    return replace(one, value=one.value.model_copy(update={"widgets": widgets}))


def _widget(widget: Widget, own: OwnNames) -> Widget:
    if isinstance(widget, GroupWidget):
        return widget.model_copy(update={"widgets": tuple(_widget(each, own) for each in widget.widgets)})
    if isinstance(widget, MetricWidget):
        return widget.model_copy(update={"metrics": tuple(_line(line, own) for line in widget.metrics)})
    return widget


def _line(line: WidgetMetric, own: OwnNames) -> WidgetMetric:
    said = own.names.get(line.namespace, {}).get(line.metric)
    if said is None or line.datadog or line.datadog_name or not (isinstance(said, str) or line.statistic in said):
        return line
    name = metric_name(line.namespace, line.metric, line.statistic, line.dimensions, said)
    return line.model_copy(update={"datadog_name": name})
