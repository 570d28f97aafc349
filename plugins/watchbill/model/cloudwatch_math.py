"""What CloudWatch's expressions are, as far as it matters before they are asked: metric math, SEARCH, Metrics Insights.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import re
from collections.abc import Iterable

MOST_SERIES = 500
"""That one SEARCH or SELECT may answer with.
docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-limits.html"""

_ID = re.compile(r"[a-z][A-Za-z0-9_]*")
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_SELECT = re.compile(r"\s*SELECT\s", re.IGNORECASE)
_GROUPS = re.compile(r"\bGROUP\s+BY\b", re.IGNORECASE)
_LIMIT = re.compile(r"\bLIMIT\s+(\d+)", re.IGNORECASE)
_SEARCH = re.compile(r"\bSEARCH\s*\(")
_SEARCH_PERIOD = re.compile(r"\bSEARCH\s*\(\s*(?:'[^']*'|\"[^\"]*\")\s*,\s*(?:'[^']*'|\"[^\"]*\")\s*,\s*(\d+)\s*\)")
_METRICS = re.compile(r"\bMETRICS\s*\(")


def is_id(name: str) -> bool:
    """Whether CloudWatch takes it as the name of a query: a lower-case letter, then letters, digits and _."""
    return _ID.fullmatch(name) is not None


def names(text: str) -> set[str]:
    """Ids that metric math computes with; what stands in quotes and names of functions are none."""
    return {name for name in re.findall(r"\b[a-z][A-Za-z0-9_]*\b(?!\s*\()", _TEXT.sub("''", text))
            if name not in ("true", "false")}


def is_select(text: str) -> bool:
    """A query of Metrics Insights."""
    return _SELECT.match(text) is not None


def is_search(text: str) -> bool:
    return not is_select(text) and _SEARCH.search(_TEXT.sub("''", text)) is not None


def takes_all(text: str) -> bool:
    """METRICS() is every metric of its request, whoever asked for it."""
    return not is_select(text) and _METRICS.search(_TEXT.sub("''", text)) is not None


def most_series(texts: Iterable[str]) -> int:
    """How many series the answer may have, at most, of the expressions that find theirs by themselves; else 0."""
    return sum(_most(text) for text in texts)


def _most(text: str) -> int:
    if is_search(text):
        return MOST_SERIES
    if not is_select(text):
        return 0
    plain = _TEXT.sub("''", text)
    if not _GROUPS.search(plain):
        return 1
    limit = _LIMIT.search(plain)
    return min(MOST_SERIES, int(limit[1])) if limit else MOST_SERIES


def searched_periods(text: str) -> list[int]:
    """The seconds that each SEARCH names as its period; one may leave them out."""
    if not is_search(text):
        return []
    return [int(seconds) for seconds in _SEARCH_PERIOD.findall(text)]
