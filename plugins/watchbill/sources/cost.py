"""Requests -> what they cost: calls, billed metrics, dollars, points, and the time that quotas leave for them.

Of a plan before it is carried out, and of what was really called afterwards. Only CloudWatch has a price for
each call; Datadog has none, and tells its limits only in its answers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from watchbill.model.targets import Target
from watchbill.model.windows import format_duration
from watchbill.sources.billing import billed, open_ended
from watchbill.sources.request import Request

# https://aws.amazon.com/cloudwatch/pricing/: GetMetricData by the metric requested; ListMetrics is free.
BILLED_METRICS_A_DOLLAR = 100_000

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html, by account and region.
# Of points from older starts documents say 90,000 or 396,000 a second: the lower keeps what it promises.
CALLS_A_SECOND = 50
POINTS_A_SECOND = 180_000
OLDER_POINTS_A_SECOND = 90_000
_OLDER = timedelta(hours=3)


@dataclass(frozen=True)
class Cost:
    """What a plan comes to if no call has to be repeated."""

    calls: int
    billed_metrics: int  # zero for Datadog
    points: int  # at most; of Datadog's groups, which only the answer tells, each counts as one series
    expected_s: float | None  # under the default quotas and nothing else; None where the vendor does not tell them
    open_ended: int = 0  # SEARCH and SELECT among the billed, each as one metric: only the answer tells how many

    @property
    def dollars(self) -> float:
        return dollars(self.billed_metrics)

    def to_json(self) -> dict[str, Any]:
        return {"calls": self.calls, "billed_metrics": self.billed_metrics, "dollars": self.dollars,
                "points_at_most": self.points, "expected_s": self.expected_s, "open_ended": self.open_ended}

    def __str__(self) -> str:
        """`100 calls, 500 billed metrics for $0.00500, at most 10,080,000 points, in 1m52s at the earliest`"""
        within = "" if self.expected_s is None else f", in {self.expected_time} at the earliest"
        least = "at least " if self.open_ended else ""
        return (f"{self.calls:,} {'call' if self.calls == 1 else 'calls'}, {least}{self.billed_metrics:,} billed "
                f"{'metric' if self.billed_metrics == 1 else 'metrics'} for {self.price}, "
                f"at most {self.points:,} points{within}")

    @property
    def price(self) -> str:
        """Exactly: the five digits are one billed metric."""
        return f"${self.dollars:,.5f}"

    @property
    def expected_time(self) -> str:
        """In whole seconds, rounded up; `-` where it is not known."""
        return "-" if self.expected_s is None else format_duration(timedelta(seconds=ceil(self.expected_s)))


def dollars(billed_metrics: int) -> float:
    return billed_metrics / BILLED_METRICS_A_DOLLAR


def estimate(requests: Iterable[Request], now: datetime) -> Cost:
    """Each request is one call. Those that ask nothing, and the free calls of planning, do not count."""
    asking = [request for request in requests if request.queries]
    return Cost(len(asking), sum(billed(request.queries) for request in asking),
                sum(request.points for request in asking), _expected_s(asking, now),
                sum(open_ended(request.queries) for request in asking))


def by_target(requests: Iterable[Request], now: datetime) -> dict[Target, Cost]:
    """The cost of each target that is asked anything, in the order of the requests."""
    parts: dict[Target, list[Request]] = {}
    for request in requests:
        if request.queries:
            parts.setdefault(request.target, []).append(request)
    return {target: estimate(theirs, now) for target, theirs in parts.items()}


def _expected_s(asking: Sequence[Request], now: datetime) -> float | None:
    """Every account and region has quotas of its own, so the slowest of them is the time for all."""
    if any(request.source != "cloudwatch" for request in asking):
        return None
    places: dict[tuple[str, str], list[Request]] = defaultdict(list)
    for request in asking:
        series = next((query.series for query in request.queries if not query.linked), request.queries[0].series)
        places[series.account, series.region].append(request)
    return max((_at_quota_s(theirs, now) for theirs in places.values()), default=0.0)


def _at_quota_s(requests: Sequence[Request], now: datetime) -> float:
    points = Counter[int]()
    for request in requests:
        points[points_a_second(request, now)] += request.points
    return max(len(requests) / CALLS_A_SECOND, sum(many / quota for quota, many in points.items()))


def points_a_second(request: Request, now: datetime) -> int:
    """The quota that a request for CloudWatch falls under."""
    return OLDER_POINTS_A_SECOND if now - request.window.start > _OLDER else POINTS_A_SECOND
