"""GetMetricData's results, page by page -> points, the series that they are of, and what is to be said of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from watchbill.model.series import Series
from watchbill.model.windows import Window
from watchbill.sources.cloudwatch.parsing import Milliseconds
from watchbill.sources.cloudwatch.questions import grouped
from watchbill.sources.errors import Asked, quoted
from watchbill.sources.errors.cloudwatch import nonsense
from watchbill.sources.fetched import Columns
from watchbill.sources.groups import Fits, sifted
from watchbill.sources.request import Query

FINAL = {"Complete", "Forbidden"}


class Results:
    """Of one request. A result is told by its Id and, where an expression brings several, its label."""

    def __init__(self, queries: Sequence[Query], asked: Asked) -> None:
        self._asked = asked
        self._columns, self._milliseconds = Columns(), Milliseconds()
        self._series: dict[Series, Query] = {query.series: query for query in queries if not query.group_by}
        self._fits: dict[Query, Fits] = {query: sifted(query) for query in queries if query.sift}
        self._forbidden: list[Query] = []
        self._asked_for = len(queries)
        self._said: dict[str, None] = {}
        self._asking: Mapping[str, Query] = {}
        self._codes: dict[tuple[str, str], str] = {}  # by Id and label
        self._alone: dict[str, str] = {}  # the label of the only result that an Id may have

    def begin(self, asking: Mapping[str, Query]) -> None:
        """What the next pages answer."""
        self._asking, self._codes, self._alone = asking, {}, {}

    def add(self, page: dict[str, Any]) -> Collection[tuple[str, str]]:
        """One page of an answer; Id and label of its results. Raises SourceError."""
        if messages := page.get("Messages"):
            self._say(messages, str(self._asked))
        if (plain := self._plain(page["MetricDataResults"])) is not None:
            return plain
        here: set[tuple[str, str]] = set()
        codes = self._codes
        for result in page["MetricDataResults"]:
            try:
                which, query, code = self._whose(result)
                if which in here and query.text:
                    raise self._ambiguous(query, which[1], which[1])
                here.add(which)
                self._keep(query, which, result)
                messages = result.get("Messages")
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
                raise nonsense(self._asked, f"a result without sense: {type(error).__name__}") from None
            if messages:
                self._say(messages, label(query.series))
            if codes.get(which) != "InternalError":  # a later page does not bring back what this one lacks
                codes[which] = code
            if code == "Forbidden" and query not in self._forbidden:
                self._forbidden.append(query)
        return here

    def _plain(self, results: Any) -> Collection[tuple[str, str]] | None:
        """A page of metrics of which nothing is to be said, all at once. For any other None, and nothing is kept.

        That is what CloudWatch answers mostly, and it takes half of the time.
        """
        keys: list[int] = []
        every_ms: list[list[int]] = []
        every: list[list[float]] = []
        here: dict[tuple[str, str], str] = {}
        asking, last = self._asking, None
        times_ms: list[int] = []
        try:
            for result in results:
                name, times, code = result["Id"], result["Timestamps"], result["StatusCode"]
                query = asking[name]
                if query.text or result.get("Messages") or code == "Forbidden" or not isinstance(code, str):
                    return None
                if times != last:
                    last, times_ms = times, self._milliseconds.of(times)
                here[name, ""] = code
                keys.append(query.series.key)
                every_ms.append(times_ms)
                every.append(result["Values"])
            if len(here) < len(keys) or not here.keys().isdisjoint(self._codes):
                return None
            self._columns.add_all(keys, every_ms, every)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return None
        self._codes |= here
        return here.keys()

    def missing(self) -> dict[str, Query]:
        """What was not answered whole. An expression may have no result: there is nothing to compute."""
        answered = {name for name, _ in self._codes}
        if FINAL.issuperset(self._codes.values()) and answered.issuperset(self._asking):
            return {}
        failed = {name for (name, _), code in self._codes.items() if code not in FINAL}
        return {name: query for name, query in self._asking.items()
                if name in failed or not (query.text or name in answered)}

    @property
    def all_forbidden(self) -> bool:
        return len(self._forbidden) == self._asked_for and not len(self._columns)

    def folded(self, window: Window) -> tuple[pa.Table, tuple[Series, ...], list[str]]:
        """The points of all, their series, and what was left out. Fills with zeros what is to be filled."""
        for series, query in self._series.items():
            if query.nil_to_zero and query not in self._forbidden:
                self._columns.fill(series.key, series.period_s, window)
        odd, stray = self._columns.not_finite(), self._columns.outside(window)
        told = [
            *self._said,
            *(f"{label(query.series)}: AWS forbids reading it" for query in self._forbidden),
            *_left_out("values that are no finite number", self._series, odd),
            *_left_out("points outside of the window", self._series, stray),
        ]
        return self._columns.table(window), tuple(self._series), told

    def _whose(self, result: Any) -> tuple[tuple[str, str], Query, str]:
        name, code = result["Id"], result["StatusCode"]
        query = self._asking[name]
        labelled = result.get("Label", "") if query.text else ""
        if not isinstance(labelled, str) or not isinstance(code, str):
            raise TypeError("text was expected")
        return (name, labelled), query, code

    def _keep(self, query: Query, which: tuple[str, str], result: Mapping[str, Any]) -> None:
        times_ms = self._milliseconds.of(result.get("Timestamps", ()))
        series = self._named(query, *which) if query.text else query.series
        if series is None:
            return
        values = result.get("Values", ())
        try:
            self._columns.add(series.key, times_ms, values)
        except TypeError:
            # AWS JSON says "NaN" and "Infinity" as text, and botocore leaves them so.
            self._columns.add(series.key, times_ms, [float(value) for value in values])

    def _named(self, query: Query, name: str, labelled: str) -> Series | None:
        """The series that a result of an expression is of; None for one that is not wanted."""
        if not query.group_by:
            if (other := self._alone.setdefault(name, labelled)) != labelled:
                raise self._ambiguous(query, other, labelled)
            return query.series
        series = grouped(query, labelled)
        if series is None:
            self._said[f"{label(query.series)}: {quoted(labelled)} lacks one of the dimensions "
                       f"{', '.join(query.group_by)} and was left out"] = None
            return None
        if query in self._fits and not self._fits[query](dict(series.dimensions)):
            return None
        self._series.setdefault(series, query)
        return series

    def _ambiguous(self, query: Query, one: str, other: str) -> Exception:
        names = " and ".join(dict.fromkeys(quoted(each) for each in (one, other)))
        known = f"more than one metric for {', '.join(query.group_by)}" if query.group_by else "more than one metric"
        return self._asked.error(f"the expression of {query.entry} brings {known}, called {names}",
                                 'Name what tells them apart, as `dimensions: {InstanceId: "*"}`, or bring them '
                                 "together by SUM or AVG", retryable=False)

    def _say(self, messages: Any, about: str) -> None:
        try:
            said = [quoted(f"{message.get('Code', '')} {message.get('Value', '')}") for message in messages or ()]
        except (TypeError, AttributeError) as error:
            raise nonsense(self._asked, f"messages without sense: {type(error).__name__}") from None
        self._said |= dict.fromkeys(f"{about}: CloudWatch says {text}" for text in said)


def label(series: Series) -> str:
    """`shop/errors{service=checkout} Sum`"""
    dimensions = ",".join(f"{name}={value}" for name, value in series.dimensions)
    return f"{series.namespace}/{series.metric}{{{dimensions}}} {series.statistic}"


def _left_out(what: str, series: Iterable[Series], keys: set[int]) -> list[str]:
    return [f"{label(one)}: {what} were left out" for one in series if one.key in keys] if keys else []
