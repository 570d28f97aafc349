"""The keys of further widgets: which must be there, which may, and what some of them hold; others in them go unread.

https://docs.datadoghq.com/dashboards/widgets/ - `*` marks a key that only Datadog's own editor writes.
"""

from sandbox.datadog.schema import Schema, closed, either, loose, many, one_of
from sandbox.datadog.widget_schema import AXIS, CUSTOM_LINK, MARKER, REQUEST, STYLE, TIME

_TITLE = "title title_align title_size"
_TIMED = f"{_TITLE} description time"
_LINKED = f"{_TIMED} custom_links"
_LEGEND = "legend_size show_legend"

_KEYS = {
    "change": ("requests", _LINKED),
    "cohort": ("requests", _TIMED),
    "distribution": ("requests", f"{_LINKED} {_LEGEND} markers xaxis yaxis"),
    "event_stream": ("query", f"{_TIMED} event_size tags_execution"),
    "event_timeline": ("query", f"{_TIMED} tags_execution"),
    "funnel": ("requests", f"{_TIMED} grouped_display"),
    "geomap": ("requests style view", _LINKED),
    "heatmap": ("requests", f"{_LINKED} {_LEGEND} events markers xaxis yaxis"),
    "hostmap": (
        "requests",
        f"{_TITLE} custom_links description group no_group_hosts no_metric_hosts node_type notes scope style",
    ),
    "log_stream": (
        "",
        f"{_TIMED} columns indexes logset message_display query show_date_column show_message_column sort",
    ),
    "manage_status": (
        "query",
        f"{_TITLE} description color_preference count display_format hide_zero_counts show_last_triggered"
        " show_priority sort start summary_type *show_status *last_triggered_format",
    ),
    "point_plot": ("requests", f"{_LINKED} legend markers yaxis"),
    "powerpack": ("powerpack_id", "background_color banner_img show_title template_variables title"),
    "retention_curve": ("requests", _TIMED),
    "run_workflow": ("workflow_id", f"{_LINKED} inputs"),
    "sankey": ("requests", f"{_TITLE} show_other_links sort_nodes time"),
    "scatterplot": ("requests", f"{_LINKED} color_by_groups xaxis yaxis"),
    "servicemap": ("filters service", f"{_TITLE} custom_links description"),
    "slo": (
        "view_type",
        f"{_TITLE} additional_query_filters description global_time_target show_error_budget slo_id"
        " time_windows view_mode",
    ),
    "slo_list": ("requests", f"{_TITLE} description"),
    "split_group": (
        "size source_widget_definition split_config",
        "has_uniform_y_axes time title *title_align *title_size",
    ),
    "topology_map": ("requests", _LINKED),
    "trace_service": (
        "env service span_name",
        f"{_TIMED} display_format show_breakdown show_distribution show_errors show_hits show_latency"
        " show_resource_list size_format",
    ),
    "treemap": ("requests", "color_by custom_links description group_by size_by time title"),
    "wildcard": ("requests specification", f"{_TITLE} custom_links time"),
}
_TEXT: Schema = {"type": "string"}
_BOOL: Schema = {"type": "boolean"}
_REQUEST = loose(
    **REQUEST,
    change_type=one_of("absolute relative"),
    compare_to=_TEXT,
    increase_good=_BOOL,
    order_by=_TEXT,
    order_dir=one_of("asc desc"),
    style={"type": "object", "properties": STYLE["properties"]},
)
_HELD: dict[str, Schema] = {
    **dict.fromkeys(("title", "title_size", "description", "slo_id", "powerpack_id", "workflow_id"), _TEXT),
    **dict.fromkeys(("show_legend", "show_title", "show_date_column", "show_message_column"), _BOOL),
    **dict.fromkeys(("no_group_hosts", "no_metric_hosts", "show_last_triggered", "show_priority"), _BOOL),
    **dict.fromkeys(("show_errors", "show_hits", "show_latency", "show_error_budget"), _BOOL),
    "title_align": one_of("center left right"),
    "query": _TEXT,
    "columns": many(_TEXT),
    "indexes": many(_TEXT),
    "event_size": one_of("s l"),
    "tags_execution": _TEXT,
    "size": one_of("xs sm md lg"),
    "time_windows": many(one_of("7d 30d 90d week_to_date previous_week month_to_date previous_month global_time")),
    "summary_type": one_of("monitors groups combined"),
    "message_display": one_of("inline expanded-md expanded-lg"),
    "requests": either(many(_REQUEST, 1), {"type": "object", "additionalProperties": _REQUEST}),
    "custom_links": many(CUSTOM_LINK),
    "markers": many(MARKER),
    "time": TIME,
    "xaxis": AXIS,
    "yaxis": AXIS,
    "group": many(_TEXT),
    "scope": many(_TEXT),
    "view": loose({"focus": _TEXT}),
    "filters": many(_TEXT, 1),
}


def _widget(kind: str, needed: str, allowed: str) -> Schema:
    keys = {key.lstrip("*"): _HELD.get(key.lstrip("*"), {}) for key in allowed.split()}
    return closed({"type": one_of(kind), **{key: _HELD.get(key, {}) for key in needed.split()}}, **keys)


KEYS: dict[str, Schema] = {kind: _widget(kind, *keys) for kind, keys in _KEYS.items()}
UNREAD = frozenset({"custom", "embedded_app", "heatgrid"})
"""Types that only the editor writes, or that are too new: taken as they are."""
