"""Rate limits per operation, told in X-RateLimit-* headers: https://docs.datadoghq.com/api/latest/rate-limits/"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    requests: int
    period_s: int


QUERY = Limit(600, 3600)  # as recorded from the real API
OTHERS = Limit(500, 10)  # as seen on other endpoints


class Limits:
    """Windows of `period_s` aligned to the clock.

    `set("GET /api/v1/query", Limit(2, 60))` tightens one operation, `*` all that have none of their own.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._limits: dict[str, Limit] = {}
        self._spent: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()

    def reset(self) -> None:
        with self._lock:
            self._limits.clear()
            self._spent.clear()

    def set(self, operation: str, limit: Limit) -> None:
        self._limits[operation] = limit

    def spend(self, operation: str) -> tuple[dict[str, str], str | None]:
        """Count one request: its headers, and the vendor's complaint when it is one too many."""
        usual = QUERY if operation == "GET /api/v1/query" else OTHERS
        limit = self._limits.get(operation) or self._limits.get("*", usual)
        now = self._clock()
        with self._lock:
            key = (operation, int(now // limit.period_s))
            spent = self._spent.get(key, 0)
            self._spent[key] = min(spent + 1, limit.requests)
        headers = {
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Period": str(limit.period_s),
            "X-RateLimit-Remaining": str(max(0, limit.requests - spent - 1)),
            "X-RateLimit-Reset": str(max(1, math.ceil(limit.period_s - now % limit.period_s))),
            "X-RateLimit-Name": operation.lower().replace(" ", "_").replace("/", "_"),
        }
        if spent < limit.requests:
            return headers, None
        said = f"Rate limit of {limit.requests} requests in {limit.period_s} seconds reached."
        return headers, f"{said} Please try again later."
