"""What of a Datadog widget over metrics or logs the model has no word for, so that the other cloud does not show it.

How something looks is style and no loss: colours and widths of lines, sizes and places of titles and legends, the
number of digits, bars instead of areas over time; colours by value and links are told, as style too. What a reader
would miss is lost: events laid over a graph, comparisons, orders of rows.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Body = Mapping[str, Any]
_STYLE = {
    "type", "title", "title_size", "title_align", "show_legend", "legend_layout", "legend_columns", "legend_size",
    "legend", "requests", "autoscale", "precision", "custom_unit", "text_align", "timeseries_background", "style",
    "has_search_bar", "hide_total", "color_by_groups", "view", "has_background", "vertical_align", "xaxis",
    "no_group_hosts", "no_metric_hosts", "show_date_column", "show_message_column", "message_display", "description",
}
_MODELLED = {"yaxis", "right_yaxis", "markers", "time"}
_OF_REQUESTS = {
    "queries", "formulas", "response_format", "display_type", "style", "q", "on_right_yaxis", "metadata", "aggregator",
    "request_type", "columns", "query", "log_query", "rum_query", "apm_query", "event_query", "limit", "order",
    "cell_display_mode", "alias",
}
_SORTED = {"sort"}
_OF_FORMULAS = {"formula", "alias", "style", "number_format", "cell_display_mode", "limit", "dimension",
                "cell_display_mode_options"}
_TOLD_STYLE = {"custom_links": "its links", "conditional_formats": "its colours by value"}
_SAID = {
    "events": "the events laid over it",
    "sort": "the order of its rows", "compare_to": "what it is compared to", "change_type": "how it has changed",
    "increase_good": "which change is good", "order_by": "the order of its rows", "order_dir": "the order of its rows",
    "show_present": "how it has changed", "group": "how its hosts are grouped", "scope": "which hosts it is about",
    "node_type": "which hosts it is about",
}


def style(definition: Body) -> list[str]:
    """What looks otherwise elsewhere, as far as it is worth a word: `leaves out its links`."""
    parts: list[Body] = [definition]
    for request in _requests(definition):
        parts += [request, *(one for one in request.get("formulas") or () if isinstance(one, Mapping))]
    told = [key for part in parts for key, value in part.items() if value and key in _TOLD_STYLE]
    return [f"leaves out {_TOLD_STYLE[key]}" for key in dict.fromkeys(told)]


def unsaid(definition: Body, *, is_sorted: bool) -> list[str]:
    """Each as the end of a sentence: `leaves out the events laid over it`. `is_sorted`: the order of rows is said."""
    found = list(_keys(definition, _STYLE | _MODELLED))
    for request in _requests(definition):
        found += _keys(request, _OF_REQUESTS | (_SORTED if is_sorted else set()))
        for formula in request.get("formulas") or ():
            found += _keys(formula, _OF_FORMULAS)
    return [f"leaves out {what}" for what in dict.fromkeys(found)]


def _keys(of: Any, known: set[str]) -> Iterator[str]:
    if isinstance(of, Mapping):
        yield from (_SAID.get(key, f"its {key}") for key, value in of.items()
                    if value and key not in known and key not in _TOLD_STYLE)


def _requests(definition: Body) -> Iterator[Body]:
    requests = definition.get("requests") or ()
    yield from (one for one in (requests.values() if isinstance(requests, Mapping) else requests)
                if isinstance(one, Mapping))
