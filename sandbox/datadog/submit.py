"""Submitting metrics, v1 and v2: JSON bodies in, points into the store.

Points over an hour old or ten minutes ahead are answered with 202 and dropped in silence, as by the vendor:
https://docs.datadoghq.com/api/latest/metrics/#submit-metrics
"""

import math
from typing import Any

from sandbox.datadog.refused import Refused
from sandbox.datadog.store import Store

OLDEST_S = 3600
AHEAD_S = 600
KINDS_V1 = ("gauge", "count", "rate")
KINDS_V2 = ("gauge", "count", "rate", "gauge")  # by number; 0 is unspecified


def submit_v1(store: Store, body: Any, now_s: float) -> dict[str, Any]:
    for one in _series(body):
        kind = one.get("type") or "gauge"
        if kind not in KINDS_V1:
            raise Refused(400, f"Invalid metric type '{kind}'")
        tags = list(one.get("tags") or []) + ([f"host:{one['host']}"] if one.get("host") else [])
        points = [_point(*pair) for pair in one["points"]]
        _put(store, one, tags, points, kind, now_s)
    return {"status": "ok"}


def submit_v2(store: Store, body: Any, now_s: float) -> dict[str, Any]:
    for one in _series(body):
        number = one.get("type", 0)
        if number not in range(len(KINDS_V2)):
            raise Refused(400, f"Invalid metric type '{number}'")
        tags = list(one.get("tags") or [])
        tags += [f"{resource['type']}:{resource['name']}" for resource in one.get("resources") or []]
        points = [_point(point.get("timestamp"), point.get("value")) for point in one["points"]]
        _put(store, one, tags, points, KINDS_V2[number], now_s)
    return {"errors": []}


def _series(body: Any) -> list[dict[str, Any]]:
    series = body.get("series") if isinstance(body, dict) else None
    if not isinstance(series, list) or not series:
        raise Refused(400, "Payload is not in the expected format: series is required")
    for one in series:
        if not (isinstance(one, dict) and isinstance(one.get("metric"), str) and one.get("points")):
            raise Refused(400, "Payload is not in the expected format: metric and points are required")
    return series


def _point(timestamp: Any, value: Any) -> tuple[float, float]:
    numbers = [each for each in (timestamp, value) if isinstance(each, int | float) and math.isfinite(each)]
    if len(numbers) != 2:
        raise Refused(400, "Payload is not in the expected format: a point is a time and a number")
    return float(numbers[0]), float(numbers[1])


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
