"""Answers that change slowly and are asked for once in a while: what AWS lists, and the tags of its resources.

Between planning and ListMetrics or GetResources. Whoever plans brings the place where answers are kept.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from watchbill.model.failures import SourceError
from watchbill.model.windows import format_duration, utc

REFRESH = timedelta(minutes=15)
"""CloudWatch lists a new metric up to 15 minutes late anyway."""

USABLE = timedelta(days=1)
"""So long an old answer is better than none."""


class Listings(Protocol):
    """Where answers are kept between plans; one that loses all of them costs calls and nothing else."""

    def get(self, key: str, now: datetime) -> Any | None:
        """What was put last, however old (what is older than a day may be gone); None where there is nothing."""

    def put(self, key: str, value: Any, now: datetime) -> None:
        """`value` is JSON."""


class Kept:
    """The answers of one account and region. Each question is asked at most once in the life of this."""

    def __init__(self, listings: Listings | None, account: str, region: str, now: datetime,
                 warnings: list[str]) -> None:
        self._listings, self._now, self._warnings = listings, now, warnings
        self._place = f"{account}/{region}"
        self._known: dict[str, list[Any]] = {}

    def answer(self, question: str, ask: Callable[[], list[Any]]) -> list[Any]:
        """Kept, or asked for now. Raises SourceError, unless it is retryable and an old answer will do."""
        key = f"{self._place}/{question}"
        if key not in self._known:
            self._known[key] = self._looked_up(key, ask)
        return self._known[key]

    def _looked_up(self, key: str, ask: Callable[[], list[Any]]) -> list[Any]:
        old = self._old(key)
        if old and abs(self._now - old[0]) < REFRESH:
            return old[1]
        try:
            found = ask()
        except SourceError as error:
            if not (error.retryable and old and self._now - old[0] < USABLE):
                raise
            ago = format_duration(timedelta(seconds=int((self._now - old[0]).total_seconds())))
            self._warnings.append(f"{error}. What was listed {ago} ago is used")
            return old[1]
        if found and self._listings:
            self._listings.put(key, {"at": self._now.isoformat(), "found": found}, self._now)
        return found

    def _old(self, key: str) -> tuple[datetime, list[Any]] | None:
        """None too for what is no answer of ours, as an earlier version may have left it."""
        value = self._listings.get(key, self._now) if self._listings else None
        try:
            return (utc(datetime.fromisoformat(value["at"])), list(value["found"])) if value else None
        except (KeyError, TypeError, ValueError):
            return None
