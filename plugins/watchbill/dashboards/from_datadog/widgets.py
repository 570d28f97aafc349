"""One Datadog widget -> a widget of the model with its origin; what it does not say goes into its override.

What cannot be modelled at all is a `raw` widget: the definition as it is.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from watchbill.dashboards.from_datadog.dimensions import Variables
from watchbill.dashboards.from_datadog.logs import NotOneSearchError, computed, listed, source_of
from watchbill.dashboards.from_datadog.marks import span
from watchbill.dashboards.from_datadog.metrics import OTHERWISE, VIEWS, Read, metric_widget
from watchbill.dashboards.from_datadog.requests import NoMetricsError
from watchbill.dashboards.from_datadog.unsaid import style, unsaid
from watchbill.dashboards.reading import Family, Origin, Unsaid
from watchbill.model.dashboards import AlarmWidget, LogWidget, MetricWidget, RawWidget, TextWidget

Body = Mapping[str, Any]
Made = MetricWidget | LogWidget | TextWidget | AlarmWidget | RawWidget
_MODELS: dict[str, type[Made]] = {"metric": MetricWidget, "log": LogWidget, "text": TextWidget, "alarm": AlarmWidget}
_LOG_VIEWS = {"timeseries": "line", "query_value": "number", "toplist": "bar", "bar_chart": "bar",
              "query_table": "table", "sunburst": "pie", "treemap": "pie", "geomap": "table", "change": "table",
              "distribution": "line"}
_DRAWN = {"treemap": ("is drawn as a pie",)}  # shares of a whole, all the same
_NO_REQUESTS: dict[str, Family] = {"note": "text", "free_text": "text", "log_stream": "log"}


class NotModelledError(ValueError):
    """The text says why, after `the widget`."""


def widget(body: Body, place: dict[str, Any], variables: Variables) -> tuple[Made, Origin]:
    """`body`: normalised, with a `definition`. `place`: x, y, width and height on our grid."""
    definition = body["definition"] if isinstance(body.get("definition"), Mapping) else {}
    kind = str(definition.get("type", ""))
    family = _family(definition, kind)
    try:
        read = _read(definition, kind, family, variables)
        made = _MODELS[read.words["type"]](**{**read.words, **place, "title": _title(definition, kind)})
    except NotModelledError as error:
        return _raw(body, place, kind, family, str(error))
    except (NoMetricsError, NotOneSearchError) as error:
        return _raw(body, place, kind, family, f"its requests {error}")
    except ValidationError as error:
        return _raw(body, place, kind, family, f"cannot be modelled: {error.errors()[0]['msg']}")
    lost = tuple(Unsaid("lossy", what) for what in dict.fromkeys(read.lost))
    if family in ("metric", "log"):
        lost += tuple(Unsaid("style", what) for what in [*style(definition), *_DRAWN.get(kind, ())])
    return made, Origin(kind, family, lost, read.broken)


def _title(definition: Body, kind: str) -> str:
    return str(definition.get("title") or "") if kind not in ("note", "free_text") else ""


def _raw(body: Body, place: dict[str, Any], kind: str, family: Family, why: str) -> tuple[RawWidget, Origin]:
    carried = {name: part for name, part in body.items() if name != "layout"}
    return (RawWidget(type="raw", datadog={"definition": {}, **carried}, **place),
            Origin(kind, family, (Unsaid("impossible", why),)))


def _family(definition: Body, kind: str) -> Family:
    if kind in _NO_REQUESTS:
        return _NO_REQUESTS[kind]
    requests = definition.get("requests")
    listed_requests = list(requests.values()) if isinstance(requests, Mapping) else requests
    if not isinstance(listed_requests, list):
        return "other"
    sources = {source_of(one) for one in listed_requests if isinstance(one, Mapping)}
    return "metric" if "metrics" in sources else "log" if "logs" in sources else "other"


def _read(definition: Body, kind: str, family: Family, variables: Variables) -> Read:
    if kind in ("note", "free_text"):
        return _text(definition, kind)
    if kind in ("alert_graph", "alert_value", "manage_status"):
        return _alarm(definition, kind)
    if kind == "list_stream":
        return _list(definition)
    if kind == "log_stream":
        return _log_stream(definition)
    if family == "metric" and kind in VIEWS:
        return metric_widget(definition, variables)
    if kind in _LOG_VIEWS:
        return _computed(definition, kind)
    raise NotModelledError(f"is of a kind that is Datadog's own ({kind})")


def _text(definition: Body, kind: str) -> Read:
    text = definition.get("content") if kind == "note" else definition.get("text")
    if not isinstance(text, str) or not text:
        raise NotModelledError("has no text")
    return Read({"type": "text", "markdown": text})


def _alarm(definition: Body, kind: str) -> Read:
    if kind == "manage_status":
        return Read({"type": "alarm", "datadog": {"monitors": str(definition.get("query") or "")}})
    monitor = str(definition.get("alert_id", ""))
    if not monitor.isdigit() or kind == "alert_value":
        raise NotModelledError("shows the value of a monitor, as only Datadog does")
    return Read({"type": "alarm", "view": "graph", "datadog": {"monitors": int(monitor)}})


def _list(definition: Body) -> Read:
    requests = definition.get("requests")
    if not isinstance(requests, list) or len(requests) != 1 or not isinstance(requests[0], Mapping):
        raise NotOneSearchError("list several things")
    words = listed(requests[0])
    return _timed(definition, Read({"type": "log", "datadog": words}, unsaid(definition, is_sorted=False)))


def _log_stream(definition: Body) -> Read:
    words = {"query": str(definition.get("query") or ""), "view": "list",
             "columns": tuple(map(str, definition.get("columns") or ())),
             "indexes": tuple(str(one) for one in definition.get("indexes") or () if one != "*")}
    return _timed(definition, Read({"type": "log", "datadog": words}))


def _computed(definition: Body, kind: str) -> Read:
    requests = definition.get("requests")
    named = list(requests.values()) if isinstance(requests, Mapping) else requests
    if not isinstance(named, list):
        raise NotOneSearchError("are not understood")
    view = _LOG_VIEWS[kind]
    displays = {str(one.get("display_type") or "line") for one in named if isinstance(one, Mapping)}
    if kind == "timeseries" and len(displays) == 1:
        view = {"area": "area", "bars": "bars"}.get(min(displays), "line")
    words, lost = computed([_older_shape(one) for one in named], view)
    if kind in OTHERWISE:
        lost.append(OTHERWISE[kind])
    lost += unsaid(definition, is_sorted=True)
    return _timed(definition, Read({"type": "log", "datadog": words}, lost))


def _older_shape(request: Any) -> Any:
    """A distribution asks one `query` where the others have a list."""
    query = request.get("query") if isinstance(request, Mapping) else None
    return {"queries": [query]} if isinstance(query, Mapping) and "queries" not in request else request


def _timed(definition: Body, read: Read) -> Read:
    if (start := span(definition.get("time"))) is not None:
        read.words["start"] = start
    elif definition.get("time"):
        read.lost.append("leaves out its span of time")
    return read
