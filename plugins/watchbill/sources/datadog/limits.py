"""The headers of Datadog's answers -> its rate limits, and how long to wait for them before the next call.

Each endpoint of an organisation has a limit of its own, told in the headers of its answers, and told nowhere else.
https://docs.datadoghq.com/api/latest/rate-limits/
"""

from collections.abc import Iterable, Mapping

from watchbill.sources.errors import seconds
from watchbill.sources.fetched import Limit

LIVE_SHARE = 0.5
"""Of a limit, left to live collection by history: a backfill must not blind the rules."""


def told(headers: Mapping[str, str], endpoint: str) -> Limit | None:
    """None where there is no such header. `endpoint` names a limit that has no name."""
    has = {name.lower(): value for name, value in headers.items() if name.lower().startswith("x-ratelimit-")}
    if not has:
        return None
    limit, remaining = (seconds(has, f"x-ratelimit-{what}") for what in ("limit", "remaining"))
    return Limit(
        name=has.get("x-ratelimit-name", endpoint), limit=None if limit is None else int(limit),
        period_s=seconds(has, "x-ratelimit-period"), remaining=None if remaining is None else int(remaining),
        reset_s=seconds(has, "x-ratelimit-reset"))


def wait_s(limits: Iterable[Limit], *, history: bool, age_s: float = 0.0) -> float:
    """Seconds to wait before the next call; 0.0 to go on at once, and where nothing is known.

    `limits`: those of the last `Fetched` of the same connection. `history`: a backfill, which spends half of a limit
    and leaves the other half to live collection. `age_s`: how long ago that answer came.
    """
    return max((_wait_s(limit, history, age_s) for limit in limits), default=0.0)


def _wait_s(limit: Limit, history: bool, age_s: float) -> float:
    if limit.remaining is None or limit.reset_s is None:
        return 0.0
    kept = (limit.limit or 0) * LIVE_SHARE if history else 0
    if limit.remaining > kept:
        return 0.0
    whole_s = limit.reset_s if limit.period_s is None else min(limit.reset_s, limit.period_s)
    return max(0.0, whole_s - age_s)
