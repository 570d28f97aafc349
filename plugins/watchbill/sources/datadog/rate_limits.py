"""The headers of an answer -> how often Datadog may still be called. docs.datadoghq.com/api/latest/rate-limits"""

from collections.abc import Iterable, Mapping

from watchbill.sources.errors import seconds
from watchbill.sources.fetched import Limit


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


def wait_s(limits: Iterable[Limit], calls: int = 1) -> float:
    """How long to wait, so that so many calls more are let through: 0 where that is so, or is not told."""
    return max((limit.reset_s or 0.0 for limit in limits if limit.remaining is not None and limit.remaining < calls),
               default=0.0)
