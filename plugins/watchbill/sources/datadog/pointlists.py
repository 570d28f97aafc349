"""The body of Datadog's v1 query endpoint, bytes -> series with their points.

Asked in seconds, answered in milliseconds; each series has its own [time, value] pairs, and null where it has none.
https://docs.datadoghq.com/api/latest/metrics/query-timeseries-points/
"""

from collections.abc import Iterator
from typing import Any

import orjson

from watchbill.model.datadog_names import tag_key
from watchbill.model.windows import Window
from watchbill.sources.datadog.lines import Line, listed, named, unit_name
from watchbill.sources.datadog.timeseries import moments, without_nulls
from watchbill.sources.errors import Asked, quoted
from watchbill.sources.errors.datadog import nonsense
from watchbill.sources.request import Query


def read(body: bytes, query: Query, window: Window, asked: Asked) -> list[Line]:
    """The lines of the only query. Raises SourceError: retryable as in timeseries.read; not for two lines of one name.

    Whether v1 takes its `to` for inclusive is not documented: what lies at the window's end is the next one's.
    """
    try:
        answer = orjson.loads(body)
        if answer.get("error") or answer.get("errors") or answer["status"] != "ok":
            said = quoted(answer.get("error") or answer.get("errors") or answer["status"])
            raise asked.error(f"Datadog answered with an error: {said}",
                              "It is asked again; if this stays, correct include/metrics", retryable=True)
        lines = [_line(one, query, window) for one in listed(answer["series"])]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise nonsense(asked, type(error).__name__) from None
    if len({line.series for line in lines}) < len(lines):
        raise asked.error("the query answers with more than one series of the same tags",
                          "Ask for one of them, as by a function that returns one", retryable=False)
    return lines


def _line(one: dict[str, Any], query: Query, window: Window) -> Line:
    end_ms = round(window.end.timestamp() * 1000)
    pairs = [(time, value) for time, value in listed(one["pointlist"]) if time != end_ms]
    times, values = without_nulls(moments([_whole(time) for time, _ in pairs]), [value for _, value in pairs])
    return Line(0, named(query, list(_tags(one, query)), unit_name(one.get("unit"))), times, values)


def _whole(time_ms: Any) -> Any:
    """v1 writes times as 1580746695000.0."""
    return int(time_ms) if isinstance(time_ms, float) and time_ms.is_integer() else time_ms


def _tags(one: dict[str, Any], query: Query) -> Iterator[str]:
    """Its groups: `tag_set`, or what `scope` says of them where an answer is of before there were tag sets."""
    if "tag_set" in one:
        yield from listed(one["tag_set"] or [])
        return
    keys = {tag_key(query.series.namespace, name) for name in query.group_by}
    yield from (tag for tag in str(one.get("scope") or "").split(",") if tag.partition(":")[0] in keys)
