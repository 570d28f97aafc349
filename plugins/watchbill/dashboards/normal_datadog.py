"""A Datadog body without what the server or its editor adds by themselves."""

from collections.abc import Mapping
from typing import Any

# https://docs.datadoghq.com/api/latest/dashboards/#get-a-dashboard
ADDED = {"id", "author_handle", "author_name", "url", "created_at", "modified_at", "deleted_at"}
# What the editor writes when somebody only opens and saves; each is what its absence means.
_EDITORS: Mapping[str, object] = {
    "title_size": "16", "title_align": "left", "legend_layout": "auto", "storage": "hot", "palette": "dog_classic",
    "line_type": "solid", "line_width": "normal", "scale": "linear", "min": "auto", "max": "auto",
    "include_zero": True, "has_padding": True, "tick_pos": "50%", "tick_edge": "left", "vertical_align": "top",
    "text_align": "left", "font_size": "14", "background_color": "white",
}


def normal_datadog(body: dict[str, Any]) -> dict[str, Any]:
    """Null, [], {}, "" and false say the same as their absence; ids of widgets are new after every write."""
    plain = {key: value for key, value in body.items() if key not in ADDED and key != "widgets"}
    return {**_cleaned(plain), "widgets": [_cleaned(widget) for widget in body.get("widgets") or []]}


def sendable(body: dict[str, Any]) -> dict[str, Any]:
    """Without what the server adds, but with everything that is said on purpose: of some kinds of widgets the API asks
    for an empty list or a false."""
    return {key: _without_null(value) for key, value in body.items() if key not in ADDED and value is not None}


def _without_null(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    if not isinstance(value, dict):
        return value
    is_widget = "definition" in value
    return {key: _without_null(item) for key, item in value.items()
            if item is not None and not (is_widget and key == "id")}


def _cleaned(value: Any) -> Any:
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if not isinstance(value, dict):
        return value
    is_widget = "definition" in value
    kept = ((key, _cleaned(item)) for key, item in value.items()
            if not (is_widget and key == "id") and not _is_editors(key, item))
    return {key: item for key, item in kept if not _is_nothing(item)}


def _is_editors(key: str, item: Any) -> bool:
    return key in _EDITORS and type(item) is type(_EDITORS[key]) and item == _EDITORS[key]


def _is_nothing(item: Any) -> bool:
    return item is None or item is False or item in ("", [], {})
