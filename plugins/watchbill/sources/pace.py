"""How fast history may be asked for: so that live collection, which shares the account's quotas, always comes first."""

import time
from collections.abc import Callable
from datetime import datetime

from watchbill.model.series import Source
from watchbill.sources.cost import CALLS_A_SECOND, points_a_second
from watchbill.sources.request import Request

HISTORY = 0.5
"""The part of a quota that history takes. Its tasks run one at a time, so no other takes from that part."""


class Pace:
    """Lets requests follow one another no faster than a part of CloudWatch's quotas allows.

    Datadog tells its limits with every answer; there the answer decides, not this.
    """

    def __init__(self, source: Source, wait: Callable[[float], object], clock: Callable[[], float] = time.monotonic,
                 ) -> None:
        self._paced, self._wait, self._clock = source == "cloudwatch", wait, clock
        self._free_at: float | None = None

    def before(self, request: Request, now: datetime) -> None:
        """Waits as long as what was asked before this takes of the quotas."""
        if not self._paced:
            return
        at = self._clock()
        if self._free_at is not None and self._free_at > at:
            self._wait(self._free_at - at)
            at = self._free_at
        self._free_at = at + takes_s(request, now) / HISTORY


def takes_s(request: Request, now: datetime) -> float:
    """How long a quota needs for the request, alone and in full."""
    return max(1 / CALLS_A_SECOND, request.points / points_a_second(request, now))
