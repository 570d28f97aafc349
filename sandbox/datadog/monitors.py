"""Monitors, API v1: list, create, delete. They are kept, and judge nothing.

https://docs.datadoghq.com/api/latest/monitors/
"""

from collections.abc import Mapping
from typing import Any

from sandbox.datadog.refused import Refused
from sandbox.datadog.store import Store

PAGE, MOST = 100, 1000
TYPES = (
    "audit alert",
    "composite",
    "event alert",
    "event-v2 alert",
    "log alert",
    "metric alert",
    "process alert",
    "query alert",
    "rum alert",
    "service check",
    "slo alert",
    "synthetics alert",
    "trace-analytics alert",
)

Json = dict[str, Any]


def listed(store: Store, params: Mapping[str, str]) -> list[Json]:
    """All of them where no page is asked for, as at the vendor."""
    held = list(store.monitors.values())
    if "page" not in params:
        return held
    size = min(int(params.get("page_size", PAGE)), MOST)
    start = int(params["page"]) * size
    return held[start : start + size]


def create(store: Store, body: Any, now_s: float) -> Json:
    if not isinstance(body, dict) or body.get("type") not in TYPES or not isinstance(body.get("query"), str):
        raise Refused(400, "The value provided for parameter 'query' is invalid")
    with store.lock:
        new_id = 1000 + len(store.monitors)
        made = {"name": "", "message": "", "tags": [], "options": {}, **body, "id": new_id}
        if made["type"] == "metric alert":
            made["type"] = "query alert" if " by {" in body["query"] else "metric alert"
        store.monitors[new_id] = {**made, "created_at": int(now_s * 1000), "overall_state": "No Data"}
        return store.monitors[new_id]


def delete(store: Store, monitor_id: str) -> Json:
    if not monitor_id.isdigit() or store.monitors.pop(int(monitor_id), None) is None:
        raise Refused(404, "Monitor not found")
    return {"deleted_monitor_id": int(monitor_id)}
