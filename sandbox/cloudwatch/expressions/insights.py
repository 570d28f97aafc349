"""Metrics Insights: SELECT as text in, what it selects, how it groups and in which order out.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sandbox.cloudwatch.metrics import MetricKey

MOST_SERIES, MOST_METRICS = 500, 10_000
BACK_S = 14 * 86_400
FINEST_S = 60  # finer periods are aggregated to it
ACCOUNT, OTHER = "AWS.AccountId", "Other"
STATISTICS = {"AVG": "Average", "COUNT": "SampleCount", "MAX": "Maximum", "MIN": "Minimum", "SUM": "Sum"}

Labels = Mapping[str, str]
_TOKEN = re.compile(
    r"\s*(?:\"(?P<quoted>(?:\\.|[^\"\\])*)\"|'(?P<value>(?:\\.|[^'\\])*)'|(?P<number>\d+(?!\w))"
    r"|(?P<name>[A-Za-z_][\w.]*)|(?P<mark>!=|[(),=]))"
)
_END = ("end", "")


@dataclass(frozen=True)
class Select:
    function: str
    metric: str
    namespace: str
    schema: frozenset[str] | None  # exactly these dimensions
    where: Callable[[Labels], bool] | None
    group_by: tuple[str, ...]
    order_by: str | None
    descending: bool
    limit: int

    @property
    def statistic(self) -> str:
        return STATISTICS[self.function]

    def meets(self, account: str, key: MetricKey) -> bool:
        if (key.namespace, key.metric) != (self.namespace, self.metric):
            return False
        if self.schema is not None and {name for name, _ in key.dimensions} != self.schema:
            return False
        return self.where is None or self.where(labels(account, key))

    def group(self, account: str, key: MetricKey) -> tuple[str, ...]:
        has = labels(account, key)
        return tuple(has.get(name, OTHER) for name in self.group_by)


def labels(account: str, key: MetricKey) -> Labels:
    return {ACCOUNT: account, **dict(key.dimensions)}


def is_select(expression: str) -> bool:
    return re.match(r"\s*SELECT\b", expression, re.IGNORECASE) is not None


def parse(expression: str) -> Select:
    """Raises ValueError."""
    return _Parser(expression).select()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"Syntax error at '{text[at : at + 20].strip()}'")
        at = found.end()
        kind = str(found.lastgroup)
        yield kind, re.sub(r"\\(.)", r"\1", found[kind])


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def select(self) -> Select:
        self._need("SELECT")
        function = self._function()
        self._mark("(")
        metric = self._identifier()
        self._mark(")")
        self._need("FROM")
        namespace, schema = self._source()
        where = self._either() if self._word("WHERE") else None
        group_by = self._group_by()
        order_by, descending = self._order_by()
        limit = self._limit()
        if self._peek() != _END:
            self._fail()
        return Select(function, metric, namespace, schema, where, group_by, order_by, descending, limit)

    def _source(self) -> tuple[str, frozenset[str] | None]:
        if not self._word("SCHEMA"):
            return self._identifier(), None
        self._mark("(")
        names = self._list()
        self._mark(")")
        return names[0], frozenset(names[1:])

    def _group_by(self) -> tuple[str, ...]:
        if not self._word("GROUP"):
            return ()
        self._need("BY")
        return tuple(self._list())

    def _order_by(self) -> tuple[str | None, bool]:
        if not self._word("ORDER"):
            return None, False
        self._need("BY")
        function = self._function()
        self._mark("(")
        self._mark(")")
        if self._word("DESC"):
            return function, True
        self._word("ASC")
        return function, False

    def _limit(self) -> int:
        if not self._word("LIMIT"):
            return MOST_SERIES
        kind, text = self._next()
        if kind != "number" or not 0 < int(text) <= MOST_SERIES:
            raise ValueError(f"LIMIT must be between 1 and {MOST_SERIES}")
        return int(text)

    def _either(self) -> Callable[[Labels], bool]:
        any_of = [self._both()]
        while self._word("OR"):
            any_of.append(self._both())
        return lambda has: any(one(has) for one in any_of)

    def _both(self) -> Callable[[Labels], bool]:
        all_of = [self._condition()]
        while self._word("AND"):
            all_of.append(self._condition())
        return lambda has: all(one(has) for one in all_of)

    def _condition(self) -> Callable[[Labels], bool]:
        if self._peek() == ("mark", "("):
            self._next()
            inner = self._either()
            self._mark(")")
            return inner
        name, sign, (kind, value) = self._identifier(), self._next(), self._next()
        if sign not in (("mark", "="), ("mark", "!=")) or kind != "value":
            self._at -= 1
            self._fail()
        if sign[1] == "=":
            return lambda has: has.get(name) == value
        return lambda has: has.get(name) != value

    def _list(self) -> list[str]:
        names = [self._identifier()]
        while self._peek() == ("mark", ","):
            self._next()
            names.append(self._identifier())
        return names

    def _function(self) -> str:
        kind, text = self._next()
        if kind != "name" or text.upper() not in STATISTICS:
            raise ValueError(f"{text} is not one of the functions AVG, COUNT, MAX, MIN, SUM")
        return text.upper()

    def _identifier(self) -> str:
        kind, text = self._next()
        if kind not in ("name", "quoted"):
            self._at -= 1
            self._fail()
        return text

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _word(self, keyword: str) -> bool:
        kind, text = self._peek()
        if kind == "name" and text.upper() == keyword:
            self._at += 1
            return True
        return False

    def _need(self, keyword: str) -> None:
        if not self._word(keyword):
            self._fail()

    def _mark(self, mark: str) -> None:
        if self._peek() != ("mark", mark):
            self._fail()
        self._at += 1

    def _fail(self) -> None:
        kind, text = self._peek()
        raise ValueError(f"Syntax error at '{text}'" if kind != "end" else "Unexpected end of the query")
