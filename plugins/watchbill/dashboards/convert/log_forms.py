"""A log widget with the words of one cloud -> with those of the other too."""

from collections.abc import Mapping, Sequence

from watchbill.dashboards.convert.logs_to_datadog import log_search
from watchbill.dashboards.convert.logs_to_insights import insights
from watchbill.model.dashboards import Cloud, LogWidget, Variable

Filled = tuple[LogWidget | None, list[str]]
"""None where it is impossible; what is lost, or why."""


def filled(widget: LogWidget, to: Cloud, log_groups: Sequence[str], variables: Mapping[str, Variable]) -> Filled:
    """`log_groups`: of CloudWatch, to search. A widget that has words for `to` keeps them."""
    if getattr(widget, to) is not None:
        return widget, []
    if to == "cloudwatch" and widget.datadog is not None:
        asked = insights(widget.datadog, log_groups, variables)
        return (widget.model_copy(update={"cloudwatch": asked.logs}) if asked.logs else None), asked.lost
    if to == "datadog" and widget.cloudwatch is not None:
        found = log_search(widget.cloudwatch)
        return (widget.model_copy(update={"datadog": found.logs}) if found.logs else None), found.lost
    return None, ["its query is in a language that has no translation"]
