"""What Datadog's last answers told of its rate limits -> how long to wait before the next call.

Each endpoint of an organisation has a limit of its own, told in the headers of its answers, and told nowhere else.
https://docs.datadoghq.com/api/latest/rate-limits/
"""

from collections.abc import Iterable

from watchbill.sources.fetched import Limit

LIVE_SHARE = 0.5
"""Of a limit, left to live collection by history: a backfill must not blind the rules."""


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
