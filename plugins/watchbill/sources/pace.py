"""How fast a source may be asked: history leaves half of every quota to live collection, which shares it.

CloudWatch's quotas are known, and only history waits for them. Datadog tells its limits with every answer.
"""

import time
from collections.abc import Callable, Iterable
from datetime import datetime

from watchbill.model.series import Source
from watchbill.sources.cost import CALLS_A_SECOND, points_a_second
from watchbill.sources.datadog.limits import wait_s
from watchbill.sources.fetched import Limit
from watchbill.sources.request import Request

HISTORY = 0.5
"""The part of a quota that history takes. Its tasks run one at a time, so no other takes from that part."""

MOST_LIVE_S = 30.0
"""A tick that would have to wait longer for Datadog asks all the same: the refusal says when to come back."""


class Pace:
    """Of one task's requests to one target. `clock` and `wait` are in seconds."""

    def __init__(self, source: Source, *, live: bool, wait: Callable[[float], object],
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._live, self._wait, self._clock = live, wait, clock
        self._quotas = source == "cloudwatch" and not live
        self._free_at: float | None = None  # when what was asked so far has taken its part of the quota
        self._limits: tuple[Limit, ...] = ()
        self._told_at = 0.0

    def before(self, request: Request, now: datetime) -> None:
        """Waits as long as what was asked before this takes, and as Datadog's last answer asks for."""
        at = self._clock()
        wait = wait_s(self._limits, history=not self._live, age_s=at - self._told_at)
        if self._live and wait > MOST_LIVE_S:
            wait = 0.0
        if self._quotas and self._free_at is not None:
            wait = max(wait, self._free_at - at)
        if wait > 0:
            self._wait(wait)
        if self._quotas:
            self._free_at = max(at + wait, at) + takes_s(request, now) / HISTORY

    def after(self, limits: Iterable[Limit]) -> None:
        """What the answer told."""
        self._limits, self._told_at = tuple(limits), self._clock()


def takes_s(request: Request, now: datetime) -> float:
    """How long CloudWatch's quota needs for the request, alone and in full."""
    return max(1 / CALLS_A_SECOND, request.points / points_a_second(request, now))
