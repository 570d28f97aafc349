"""A CloudWatch body as its shortest form that shows the same.

CloudWatch gives back the text that it was given; its console writes defaults and long forms when somebody saves.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_BODY: Mapping[str, object] = {"periodOverride": "auto", "variables": []}
_WIDGET: Mapping[str, object] = {"width": 6, "height": 6}
_METRIC: Mapping[str, object] = {
    "view": "timeSeries", "stacked": False, "liveData": False, "setPeriodToTimeRange": False,
    "singleValueFullPrecision": False, "annotations": {}, "yAxis": {},
}
_LOG: Mapping[str, object] = {"view": "table", "stacked": False}
_LINE: Mapping[str, object] = {"visible": True, "yAxis": "left"}


def normal_cloudwatch(body: dict[str, Any]) -> dict[str, Any]:
    """Anything that is not as the vendor's page has it is left as it is."""
    widgets = body.get("widgets")
    plain = _without(body, _BODY)
    return plain | ({"widgets": [_widget(each) for each in widgets]} if isinstance(widgets, list) else {})


def _without(value: dict[str, Any], defaults: Mapping[str, object]) -> dict[str, Any]:
    return {key: item for key, item in value.items()
            if not (key in defaults and type(item) is type(defaults[key]) and item == defaults[key])}


def _widget(widget: Any) -> Any:
    if not isinstance(widget, dict):
        return widget
    plain, properties = _without(widget, _WIDGET), widget.get("properties")
    if widget.get("type") == "log" and isinstance(properties, dict):
        return plain | {"properties": _without(properties, _LOG)}
    if widget.get("type") != "metric" or not isinstance(properties, dict):
        return plain
    said = _without(properties, _METRIC)
    if isinstance(said.get("metrics"), list):
        said["metrics"] = list(_rows(said["metrics"]))
    return plain | {"properties": said}


def _rows(rows: Sequence[Any]) -> Iterator[Any]:
    """Each line written out: `.` is what stands above it, `...` the run above."""
    above: list[Any] = []
    for row in rows:
        if not isinstance(row, list):
            yield row
            continue
        words = [word for word in row if not isinstance(word, dict)]
        options = [_without(word, _LINE) for word in row if isinstance(word, dict)]
        above = _written_out(words, above) if words else above
        yield [*(above if words else []), *(each for each in options if each)]


def _written_out(words: list[Any], above: list[Any]) -> list[Any]:
    if words[0] == "...":
        rest = words[1:]
        kept = above[:max(0, len(above) - len(rest))]
        words = [*kept, *rest] if kept else words
    return [above[at] if word == "." and at < len(above) else word for at, word in enumerate(words)]
