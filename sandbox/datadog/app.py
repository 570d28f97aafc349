"""Datadog's HTTP API: keys, faults and limits first, then the handler of the operation.

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

from sandbox.credentials import DATADOG_API_KEY, DATADOG_APPLICATION_KEY
from sandbox.datadog import dashboards, metrics, submit
from sandbox.datadog.refused import Refused
from sandbox.datadog.store import Store
from sandbox.faults import Faults


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
    api_key_only: bool = False  # and then without a limit

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


OPERATIONS = [
    Operation("GET", "/api/v1/validate", lambda *_: {"valid": True}, api_key_only=True),
    Operation(
        "POST", "/api/v1/series", lambda s, c: submit.submit_v1(s, c.json(), c.now_s), 202, api_key_only=True
    ),
    Operation(
        "POST", "/api/v2/series", lambda s, c: submit.submit_v2(s, c.json(), c.now_s), 202, api_key_only=True
    ),
    Operation("GET", "/api/v1/query", lambda s, c: metrics.query_v1(s, c.params)),
    Operation("GET", "/api/v1/metrics", lambda s, c: metrics.active(s, c.params)),
    Operation("POST", "/api/v2/query/timeseries", lambda s, c: metrics.query_v2(s, c.json(), c.now_s)),
    Operation("GET", "/api/v1/dashboard", lambda s, c: dashboards.listed(s, c.params)),
    Operation("POST", "/api/v1/dashboard", lambda s, c: dashboards.create(s, c.json(), c.now_s)),
    Operation("GET", "/api/v1/dashboard/{id}", lambda s, c: dashboards.get(s, c.path["id"])),
    Operation(
        "PUT", "/api/v1/dashboard/{id}", lambda s, c: dashboards.replace(s, c.path["id"], c.json(), c.now_s)
    ),
    Operation("DELETE", "/api/v1/dashboard/{id}", lambda s, c: dashboards.delete(s, c.path["id"])),
]


def create_app(store: Store, faults: Faults, clock: Callable[[], float]) -> Starlette:
    def route(operation: Operation) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.body()

            def answer() -> Response:
                return _answer(store, operation, request, body, clock())

            return await faults.apply("datadog", operation.name, lambda: run_in_threadpool(answer))

        return Route(operation.path, endpoint, methods=[operation.method])

    routes = [route(operation) for operation in OPERATIONS]
    return Starlette(routes=routes, exception_handlers={404: _not_found})


def _answer(store: Store, operation: Operation, request: Request, body: bytes, now_s: float) -> Response:
    headers: dict[str, str] = {}
    try:
        _check_keys(operation, request)
        if not operation.api_key_only:
            headers, complaint = store.limits.spend(operation.name)
            if complaint:
                return JSONResponse({"errors": [complaint]}, 429, headers)
        plain = _decoded(body, request.headers.get("content-encoding", "identity"))
        call = Call(plain, request.query_params, request.path_params, now_s)
        answer = operation.handle(store, call)
    except Refused as refused:
        return JSONResponse({"errors": refused.errors}, refused.status, headers)
    return JSONResponse(answer, operation.status, headers)


def _check_keys(operation: Operation, request: Request) -> None:
    if not request.headers.get("dd-api-key"):
        raise Refused(403, "API key required" if operation.path == "/api/v1/validate" else "Forbidden")
    keys = {"dd-api-key": DATADOG_API_KEY}
    if not operation.api_key_only:
        keys["dd-application-key"] = DATADOG_APPLICATION_KEY
    if any(request.headers.get(header) != key for header, key in keys.items()):
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
