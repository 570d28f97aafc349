"""Trouble on purpose, between a request and its answer, for every service of the sandbox.

A service names each call (`service`, `operation`); what enters is its real answer, not yet made; what
leaves is that answer, or the trouble somebody asked for. Every call is counted, troubled or not.
"""

import asyncio
import inspect
import json
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

CUT = "sandbox.cut"  # in an ASGI scope: drops the connection; put there by the server


@dataclass(frozen=True)
class Fault:
    """One way for one operation to go wrong.

    `status` or `body` replace the answer, and the work is then not done unless `after` is set; `headers`
    alone are added to the real answer; `partial` cuts the answer in its middle; `cut` drops the connection
    without one. A body that is neither text nor bytes is sent as JSON; without one it is empty, as from a
    load balancer.
    """

    service: str  # cloudwatch, datadog, slack, sns, ses, s3, sts; * for each
    operation: str = "*"  # as GetMetricData, POST /api/v1/dashboard, chat.postMessage, SendEmail
    status: int | None = None
    delay_s: float = 0
    cut: bool = False
    partial: bool = False
    body: Any = None
    headers: Mapping[str, str] | None = None
    times: int | None = 1  # calls to trouble; None: until cleared
    skip: int = 0  # calls to leave alone first
    after: bool = False  # do the work, then lose its answer

    def meets(self, service: str, operation: str) -> bool:
        return self.service in ("*", service) and self.operation in ("*", operation)

    @property
    def replaces(self) -> bool:
        """Whether the real answer is not sent at all."""
        return self.status is not None or self.body is not None or self.cut

    def payload(self) -> bytes:
        """The body to send in place of the real one."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


class Faults:
    """The faults waiting to happen, oldest first, and the count of calls. Safe to use from any thread."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, str]] = Counter()
        self._waiting: list[list[Any]] = []  # [fault, calls still to skip, calls still to trouble]
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append([fault, fault.skip, fault.times])

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def reset(self) -> None:
        """Forget the faults and the count of calls."""
        with self._lock:
            self._waiting.clear()
            self.calls.clear()

    def take(self, service: str, operation: str) -> Fault | None:
        """Count a call and use up the first fault that meets it."""
        with self._lock:
            self.calls[service, operation] += 1
            for entry in self._waiting:
                fault, skip, _ = entry
                if not fault.meets(service, operation):
                    continue
                if skip:
                    entry[1] -= 1
                    continue
                return self._use(entry)
        return None

    def _use(self, entry: list[Any]) -> Fault:
        if entry[2] is not None:
            entry[2] -= 1
            if entry[2] <= 0:
                self._waiting.remove(entry)
        fault: Fault = entry[0]
        return fault

    async def apply(
        self, service: str, operation: str, answer: Callable[[], Response | Awaitable[Response]]
    ) -> Response:
        """The answer to one call: `answer()` as it is, or as a fault leaves it."""
        fault = self.take(service, operation)
        if fault is None:
            return await _made(answer)
        await asyncio.sleep(fault.delay_s)
        if fault.replaces and not fault.after:
            return _troubled(fault, None)
        return _troubled(fault, await _made(answer))


async def _made(answer: Callable[[], Response | Awaitable[Response]]) -> Response:
    made = answer()
    return await made if inspect.isawaitable(made) else made


def _troubled(fault: Fault, real: Response | None) -> Response:
    if fault.cut:
        return Cut(b"")
    if real is None or fault.replaces:
        real = Response(fault.payload(), fault.status or 200, media_type="application/json")
    real.headers.update(fault.headers or {})
    if fault.partial:
        return Cut(bytes(real.body), real.status_code, dict(real.headers))
    return real


class Cut(Response):
    """An answer that breaks off: after half of the body, or, with no body, before the first byte."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        if self.body:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            half = bytes(self.body)[: len(self.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
        scope[CUT]()
        await asyncio.sleep(0.01)  # lets the server notice, so that it does not answer by itself
