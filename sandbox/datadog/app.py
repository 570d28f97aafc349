"""Datadog's HTTP API: keys, scopes, faults and limits first, then the handler of the operation.

A request under /api/v1 or /api/v2 goes in; the vendor's JSON comes out, errors as {"errors": [...]}.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.credentials import DATADOG_KEYS
from sandbox.datadog import dashboards, metrics, monitors, submit
from sandbox.datadog.refused import Refused
from sandbox.datadog.store import Store
from sandbox.faults import Faults
from sandbox.permissions import Permissions


@dataclass(frozen=True)
class Call:
    """A request as the handlers read it."""

    body: bytes
    params: Mapping[str, str]
    path: Mapping[str, str]
    now_s: float

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refused(400, "API input validation failed: Invalid JSON structure") from error


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    handle: Callable[[Store, Call], Any]
    status: int = 200
    scope: str | None = None  # that the application key needs; None: the API key alone is asked, without a limit

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


OPERATIONS = [
    Operation("GET", "/api/v1/validate", lambda *_: {"valid": True}),
    Operation("POST", "/api/v1/series", lambda s, c: submit.submit_v1(s, c.json(), c.now_s), 202),
    Operation("POST", "/api/v2/series", lambda s, c: submit.submit_v2(s, c.json(), c.now_s), 202),
    Operation("GET", "/api/v1/query", lambda s, c: metrics.query_v1(s, c.params), scope="timeseries_query"),
    Operation("GET", "/api/v1/metrics", lambda s, c: metrics.active(s, c.params), scope="metrics_read"),
    Operation(
        "POST",
        "/api/v2/query/timeseries",
        lambda s, c: metrics.query_v2(s, c.json(), c.now_s),
        scope="timeseries_query",
    ),
    Operation("GET", "/api/v1/monitor", lambda s, c: monitors.listed(s, c.params), scope="monitors_read"),
    Operation("POST", "/api/v1/monitor", lambda s, c: monitors.create(s, c.json(), c.now_s), scope="monitors_write"),
    Operation(
        "DELETE", "/api/v1/monitor/{id}", lambda s, c: monitors.delete(s, c.path["id"]), scope="monitors_write"
    ),
    Operation("GET", "/api/v1/dashboard", lambda s, c: dashboards.listed(s, c.params), scope="dashboards_read"),
    Operation(
        "POST", "/api/v1/dashboard", lambda s, c: dashboards.create(s, c.json(), c.now_s), scope="dashboards_write"
    ),
    Operation("GET", "/api/v1/dashboard/{id}", lambda s, c: dashboards.get(s, c.path["id"]), scope="dashboards_read"),
    Operation(
        "PUT",
        "/api/v1/dashboard/{id}",
        lambda s, c: dashboards.replace(s, c.path["id"], c.json(), c.now_s),
        scope="dashboards_write",
    ),
    Operation(
        "DELETE", "/api/v1/dashboard/{id}", lambda s, c: dashboards.delete(s, c.path["id"]), scope="dashboards_write"
    ),
]


def create_app(
    stores: Mapping[str, Store], permissions: Permissions, faults: Faults, clock: Callable[[], float]
) -> Starlette:
    """Datadog with these organisations: a call reaches the one whose keys it brings."""

    def route(operation: Operation) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.body()

            def answer() -> Response:
                return _answer(stores, permissions, operation, request, body, clock())

            return await faults.apply("datadog", operation.name, lambda: run_in_threadpool(answer))

        return Route(operation.path, endpoint, methods=[operation.method])

    routes = [route(operation) for operation in OPERATIONS]
    return Starlette(routes=routes, exception_handlers={404: _not_found})


def _answer(
    stores: Mapping[str, Store],
    permissions: Permissions,
    operation: Operation,
    request: Request,
    body: bytes,
    now_s: float,
) -> Response:
    headers: dict[str, str] = {}
    try:
        store = stores[_organisation(operation, request)]
        if operation.scope:
            _check_scope(permissions, operation.scope)
            headers, complaint = store.limits.spend(operation.name)
            if complaint:
                return JSONResponse({"errors": [complaint]}, 429, headers)
        plain = _decoded(body, request.headers.get("content-encoding", "identity"))
        call = Call(plain, request.query_params, request.path_params, now_s)
        answer = operation.handle(store, call)
    except Refused as refused:
        return JSONResponse({"errors": refused.errors}, refused.status, headers)
    return JSONResponse(answer, operation.status, headers)


def _organisation(operation: Operation, request: Request) -> str:
    """Whose keys these are. Raises Refused for keys of nobody, and of two."""
    api_key, application_key = (request.headers.get(name) for name in ("dd-api-key", "dd-application-key"))
    if not api_key:
        raise Refused(403, "API key required" if operation.path == "/api/v1/validate" else "Forbidden")
    for organisation, keys in DATADOG_KEYS.items():
        if api_key == keys[0] and (not operation.scope or application_key == keys[1]):
            return organisation
    raise Refused(403, "Forbidden")


def _check_scope(permissions: Permissions, scope: str) -> None:
    if permissions.datadog is not None and scope not in permissions.datadog:
        raise Refused(403, "Forbidden")


def _decoded(body: bytes, encoding: str) -> bytes:
    try:
        if encoding == "gzip":
            return gzip.decompress(body)
        if encoding == "deflate":
            return zlib.decompress(body)
    except (OSError, zlib.error) as error:
        raise Refused(400, f"The body is not {encoding}") from error
    if encoding != "identity":
        raise Refused(415, f"Content-Encoding {encoding} is not supported")
    return body


async def _not_found(_: Request, __: Exception) -> Response:
    return JSONResponse({"errors": ["Not found"]}, 404)
