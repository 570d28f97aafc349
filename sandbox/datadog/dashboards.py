"""Dashboards, API v1: list, create, get, replace, delete. A body comes back with what the server adds.

https://docs.datadoghq.com/api/latest/dashboards/
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from typing import Any

from sandbox.datadog.dashboard_rules import READ_ONLY, check
from sandbox.datadog.refused import Refused
from sandbox.datadog.store import Store

AUTHOR = "watchbill@example.com"
PAGE = 100  # dashboards a list shows unless `count` says otherwise
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
LISTED = (
    "id",
    "title",
    "description",
    "layout_type",
    "url",
    "is_read_only",
    "created_at",
    "modified_at",
    "author_handle",
)
DEFAULTS = {"description": None, "template_variables": None, "notify_list": None, "is_read_only": False}

Json = dict[str, Any]
_random = SystemRandom()


def listed(store: Store, params: Mapping[str, str]) -> Json:
    """Neither tags nor widgets are shown: https://docs.datadoghq.com/api/latest/dashboards/#get-all-dashboards"""
    count, start = (_number(params, name, default) for name, default in (("count", PAGE), ("start", 0)))
    if params.get("filter[deleted]") == "true":
        return {"dashboards": []}
    held = list(store.dashboards.values())[start : start + count]
    return {"dashboards": [{key: one[key] for key in LISTED} | {"deleted_at": None} for one in held]}


def create(store: Store, body: Any, now_s: float) -> Json:
    check(body)
    with store.lock:
        new_id = _new_id(store)
        store.dashboards[new_id] = _stored(body, new_id, _iso(now_s), _iso(now_s))
        return store.dashboards[new_id]


def get(store: Store, dashboard_id: str) -> Json:
    if dashboard_id not in store.dashboards:
        raise Refused(404, f"Dashboard with ID {dashboard_id} not found")
    return store.dashboards[dashboard_id]


def replace(store: Store, dashboard_id: str, body: Any, now_s: float) -> Json:
    """Every widget gets a new id; there is no version to check against."""
    held = get(store, dashboard_id)
    check(body)
    modified_at = max(_iso(now_s), _just_after(held["modified_at"]))
    with store.lock:
        store.dashboards[dashboard_id] = _stored(body, dashboard_id, held["created_at"], modified_at)
        return store.dashboards[dashboard_id]


def delete(store: Store, dashboard_id: str) -> Json:
    get(store, dashboard_id)
    with store.lock:
        del store.dashboards[dashboard_id]
    return {"deleted_dashboard_id": dashboard_id}


def _stored(body: Json, dashboard_id: str, created_at: str, modified_at: str) -> Json:
    given = {key: deepcopy(value) for key, value in body.items() if key not in READ_ONLY}
    given["widgets"] = [_with_id(widget) for widget in given["widgets"]]
    return {
        "id": dashboard_id,
        "author_handle": AUTHOR,
        "author_name": None,
        "url": f"/dashboard/{dashboard_id}/{_slug(body['title'])}",
        "created_at": created_at,
        "modified_at": modified_at,
        **DEFAULTS,
        "restricted_roles": [],
        **given,
    }


def _with_id(widget: Json) -> Json:
    definition = widget["definition"]
    if "widgets" in definition:
        definition["widgets"] = [_with_id(inner) for inner in definition["widgets"]]
    return widget | {"id": _random.randrange(10**12, 9 * 10**15)}


def _new_id(store: Store) -> str:
    while True:
        new_id = "-".join("".join(_random.choices(LETTERS, k=3)) for _ in range(3))
        if new_id not in store.dashboards:
            return new_id


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")[:80]


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="microseconds")


def _just_after(iso: str) -> str:
    return (datetime.fromisoformat(iso) + timedelta(microseconds=1)).isoformat(timespec="microseconds")


def _number(params: Mapping[str, str], name: str, default: int) -> int:
    text = params.get(name, str(default))
    if not text.isdigit():
        raise Refused(400, f"Invalid value for parameter '{name}': it must be a number from 0")
    return int(text)
