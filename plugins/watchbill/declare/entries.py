"""What a metric entry cannot tell of itself by its shape: an entry in, findings that spare a failed collection out."""

import re
from collections.abc import Iterator
from datetime import timedelta

from watchbill.declare.files import close
from watchbill.declare.parts import Located
from watchbill.model.cloudwatch_math import is_select, searched_periods
from watchbill.model.failures import Finding
from watchbill.model.metrics import MetricEntry
from watchbill.model.windows import format_duration

_DAY = timedelta(days=1)
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")
_REGIONS = ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-central-1",
            "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "eu-south-1", "ap-south-1", "ap-northeast-1",
            "ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "me-south-1", "af-south-1")
_ACCOUNT = re.compile(r"\d{12}")

# docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
_STATISTICS = ("Average", "Sum", "Minimum", "Maximum", "SampleCount", "IQM")
_STATISTIC = re.compile(r"(p|tm|wm|tc|ts)\d{1,2}(\.\d{1,10})?|(p|tm|wm|tc|ts)100|(PR|TM|WM|TC|TS)\([\d.]*%?:[\d.]*%?\)")
_HIGH_RESOLUTION_S = (1, 5, 10, 20, 30)
# docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html
_KEPT = ((60, timedelta(hours=3)), (300, timedelta(days=15)), (3600, timedelta(days=63)))
_KEPT_LONGEST = timedelta(days=455)

At = Located[MetricEntry]


def check_entry(entry: At) -> Iterator[Finding]:
    """An entry with an error among these is left out of a run."""
    yield from _lake(entry)
    if "cloudwatch" in entry.value.sources:
        yield from _places(entry)
        yield from _time(entry)
        for place, statistic in enumerate(entry.value.statistics):
            yield from check_statistic(entry, statistic, "statistics", place)
    if entry.value.expression:
        yield from _expression(entry)


def _lake(entry: At) -> Iterator[Finding]:
    value, downsample = entry.value, entry.value.downsample
    if downsample is None:
        return
    if downsample.period < value.period:
        yield entry.finding("downsample", "period", fix=f"at least {format_duration(value.period)}",
                            problem="is shorter than the period of the points themselves")
    elif downsample.period.total_seconds() % value.period_s:
        yield entry.finding("downsample", "period", fix=f"a multiple of {format_duration(value.period)}",
                            problem="does not hold a whole number of the entry's periods")
    if value.retention is not None and value.retention <= downsample.after:
        yield entry.finding("downsample", "after", warning=True, fix="a shorter `after`, or a longer `retention`",
                            problem=f"never comes: points are kept for {format_duration(value.retention)}")


def _places(entry: At) -> Iterator[Finding]:
    for place, region in enumerate(entry.value.regions):
        if not _REGION.fullmatch(region):
            near = close(region, _REGIONS)
            yield entry.finding("regions", place, problem=f"`{region}` is no region of AWS",
                                fix=f"did you mean `{near}`?" if near else "write it as eu-west-1")
    accounts = entry.value.linked_accounts
    for place, account in enumerate(() if isinstance(accounts, bool) else accounts):
        if not _ACCOUNT.fullmatch(account):
            yield entry.finding("linked_accounts", place, problem=f"`{account}` is no AWS account",
                                fix="its number has 12 digits; or write true for all that are linked")
    if accounts and entry.value.expression:
        yield entry.finding("linked_accounts", warning=True, problem="is not used by an expression",
                            fix="SEARCH and SELECT name accounts themselves, with :aws.AccountId or AWS.AccountId")


def _time(entry: At) -> Iterator[Finding]:
    value, period_s = entry.value, entry.value.period_s
    if period_s % 60 and period_s not in _HIGH_RESOLUTION_S:
        yield entry.finding("period", problem="is none of CloudWatch's", fix="1s, 5s, 10s, 20s, 30s or whole minutes")
        return
    kept = next((age for step_s, age in _KEPT if period_s % step_s), _KEPT_LONGEST)
    if value.delay is not None and value.delay >= kept:
        yield entry.finding("delay", fix="a shorter one, or a coarser period",
                            problem=f"is longer than CloudWatch keeps points every {format_duration(value.period)}, "
                                    f"which is {format_duration(kept)}")


def check_statistic(entry: At, statistic: str, *where: str | int) -> Iterator[Finding]:
    if statistic not in _STATISTICS and not _STATISTIC.fullmatch(statistic):
        near = close(statistic, _STATISTICS)
        yield entry.finding(*where, problem=f"`{statistic}` is no statistic of CloudWatch",
                            fix=f"did you mean `{near}`?" if near else f"{', '.join(_STATISTICS)} or a percentile "
                                                                       "as p99.9")


def _expression(entry: At) -> Iterator[Finding]:
    value = entry.value
    texts: dict[tuple[str, ...], str] = {
        ("expression",): value.expression,
        **{("queries", name): one for name, one in value.queries.items() if isinstance(one, str)}}
    for where, text in texts.items():
        if is_select(text) and value.period_s < 60:
            yield entry.finding("period", problem="is finer than Metrics Insights answers", fix="at least 1m")
        for searched_s in searched_periods(text):
            if searched_s != value.period_s:
                length = format_duration(timedelta(seconds=searched_s))
                yield entry.finding(*where, problem=f"searches every {length}, but the entry's period is "
                                                    f"{format_duration(value.period)}", fix="write the same for both")
    if value.tags and any(value_ == "*" or value_[:2] in ("=~", "!~") for value_ in value.dimensions.values()):
        yield entry.finding("tags", warning=True, problem="come with metrics, not with what an expression groups",
                            fix="collect the metrics themselves too")
