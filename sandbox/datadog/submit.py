"""Submitting metrics, v1 and v2: JSON bodies in, points into the store.

Points over an hour old or ten minutes ahead are answered with 202 and dropped in silence, as by the vendor:
https://docs.datadoghq.com/api/latest/metrics/#submit-metrics
"""

from typing import Any

from sandbox.datadog.refused import Refused
from sandbox.datadog.schema import NULL, NUMBER, TEXT, Checker, Schema, closed, either, many
from sandbox.datadog.store import Store

OLDEST_S = 3600
AHEAD_S = 600
KINDS_V1 = ("gauge", "count", "rate")
KINDS_V2 = ("gauge", "count", "rate", "gauge")  # by number; 0 is unspecified


def _payload(point: Schema) -> Checker:
    properties = {"metric": TEXT, "points": many(point, 1), "tags": either(many(TEXT), NULL)}
    one: Schema = {"type": "object", "required": ["metric", "points"], "properties": properties}
    return Checker({"type": "object", "required": ["series"], "properties": {"series": many(one, 1)}})


_V1 = _payload(many(NUMBER, 2, 2))
_V2 = _payload(closed({"timestamp": NUMBER, "value": NUMBER}))


def submit_v1(store: Store, body: Any, now_s: float) -> dict[str, Any]:
    for one in _series(body, _V1):
        kind = one.get("type") or "gauge"
        if kind not in KINDS_V1:
            raise Refused(400, f"Invalid metric type '{kind}'")
        tags = list(one.get("tags") or []) + ([f"host:{one['host']}"] if one.get("host") else [])
        points = [(at, value) for at, value in one["points"]]
        _put(store, one, tags, points, kind, now_s)
    return {"status": "ok"}


def submit_v2(store: Store, body: Any, now_s: float) -> dict[str, Any]:
    for one in _series(body, _V2):
        number = one.get("type", 0)
        if number not in range(len(KINDS_V2)):
            raise Refused(400, f"Invalid metric type '{number}'")
        tags = list(one.get("tags") or [])
        tags += [f"{resource['type']}:{resource['name']}" for resource in one.get("resources") or []]
        points = [(point["timestamp"], point["value"]) for point in one["points"]]
        _put(store, one, tags, points, KINDS_V2[number], now_s)
    return {"errors": []}


def _series(body: Any, checker: Checker) -> list[dict[str, Any]]:
    if complaint := checker.complaint(body):
        raise Refused(400, f"Payload is not in the expected format: {complaint}")
    series: list[dict[str, Any]] = body["series"]
    return series


def _put(
    store: Store,
    one: dict[str, Any],
    tags: list[str],
    points: list[tuple[float, float]],
    kind: str,
    now_s: float,
) -> None:
    kept = [point for point in points if now_s - OLDEST_S <= point[0] <= now_s + AHEAD_S]
    store.dropped += len(points) - len(kept)
    times, values = [point[0] for point in kept], [point[1] for point in kept]
    store.put_tagged(one["metric"], tags, times, values, one.get("unit"), kind, one.get("interval") or 10)
