"""Plans for the tests of cost: any number of metrics and statistics over any range, and what AWS would bill."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from tests.unit.sources.entries import entry
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.cloudwatch import plan
from watchbill.sources.request import Request

NOW = datetime(2026, 3, 1, tzinfo=UTC)
# Nothing is listed for dimensions without a star, so the client is never called.
CLIENT = SimpleNamespace(meta=SimpleNamespace(events=SimpleNamespace(
    register=lambda *given: None, unregister=lambda *given: None)))


def requests(metrics: int, statistics: int, points: int, period_s: int, **given: datetime) -> list[Request]:
    """The plan for so many points a series, up to now unless `start` is given."""
    wanted = entry(metrics=[f"m{number}" for number in range(metrics)], period=f"{period_s}s",
                   statistics=[f"p{50 + number}" for number in range(statistics)])
    start = given.get("start", NOW - timedelta(seconds=points * period_s))
    window = Window(start, start + timedelta(seconds=points * period_s))
    return plan(CLIENT, [wanted], Target("cloudwatch", "aws_default"), "123456789012", "eu-west-1", window, NOW)


def billed(planned: Sequence[Request]) -> int:
    """As AWS counts: each metric of a request once for up to five of its statistics."""
    asked = [Counter(query.series.metric for query in request.queries) for request in planned]
    return sum(-(-statistics // 5) for metrics in asked for statistics in metrics.values())
