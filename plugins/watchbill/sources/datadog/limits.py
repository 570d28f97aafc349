"""The rate limit that came with Datadog's last answer -> how long to wait before the next call.

Each endpoint of an organisation has a limit of its own, told in the headers of its answers, and told nowhere else.
https://docs.datadoghq.com/api/latest/rate-limits/
"""

from dataclasses import dataclass

from watchbill.sources.errors import seconds

LIVE_SHARE = 0.5
"""Of the limit, left to live collection by history: a backfill must not blind the rules."""


@dataclass(frozen=True)
class RateLimit:
    """What `X-RateLimit-Limit`, `-Remaining`, `-Reset` and `-Period` said."""

    limit: int  # calls in a period
    remaining: int  # of them, after this answer
    reset_s: float  # until all of them are there again
    period_s: float


def rate_limit(headers: object) -> RateLimit | None:
    """Of an answer's headers, in whatever case; None where they do not tell it."""
    limit, remaining, reset_s, period_s = (
        seconds(headers, f"X-RateLimit-{name}") for name in ("Limit", "Remaining", "Reset", "Period"))
    if limit is None or remaining is None or reset_s is None:
        return None
    return RateLimit(int(limit), int(remaining), reset_s, reset_s if period_s is None else period_s)


def wait_s(last: RateLimit | None, *, history: bool, age_s: float = 0.0) -> float:
    """Seconds to wait before the next call; 0.0 to go on at once.

    `history`: a backfill, which spends half of the limit and leaves the other half to live collection.
    `age_s`: how long ago the headers came. Without headers nothing is known, and nothing is waited for.
    """
    if last is None:
        return 0.0
    kept = last.limit * LIVE_SHARE if history else 0
    left_s = max(0.0, min(last.reset_s, last.period_s) - age_s)
    return left_s if last.remaining <= kept else 0.0
