"""A query -> its MetricDataQueries, and the label of a result -> the series that it is.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from json.encoder import encode_basestring_ascii as _text
from typing import Any

import orjson

from watchbill.model.cloudwatch_math import is_select
from watchbill.model.series import Series
from watchbill.sources.cloudwatch.renaming import renamed
from watchbill.sources.request import Query

BETWEEN = "␟"
"""Between the dimensions of a label: names and values of dimensions are ASCII, so that none can hold it."""

Json = dict[str, Any]


def questions(name: str, query: Query) -> list[Json]:
    """The query under that id and, hidden, those that its expression computes with. Raises ValueError."""
    if not query.text:
        return [_metric(name, query.series, query, shown=True)]
    inner = dict(query.queries)
    ids = {one: f"{name}_{one}" for one in inner}
    expression = _expression(name, renamed(query.text, ids, inner), query)
    if query.group_by:
        expression["Label"] = _label(query.group_by)
    return [expression | {"ReturnData": True}, *(
        _metric(ids[one], asked, query, shown=False) if isinstance(asked, Series)
        else _expression(ids[one], renamed(asked, ids, inner), query) | {"ReturnData": False}
        for one, asked in inner.items())]


def written(asking: Mapping[str, Query]) -> Iterator[bytes]:
    """The MetricDataQueries of all of these, by their ids, each as JSON. Raises ValueError.

    One at a time: five hundred at once are half a megabyte of memory that nothing else needs. What a metric shares
    with others is written once for them, which takes a third of the time.
    """
    frames: dict[tuple[Any, ...], tuple[str, str]] = {}
    last: tuple[Any, ...] = ()
    before = behind = ""
    for name, query in asking.items():
        if query.text:
            yield from map(orjson.dumps, questions(name, query))
            continue
        series = query.series
        kind = (series.namespace, series.metric, series.statistic, series.period_s, query.linked and series.account)
        if kind != last:
            before, behind = frames[kind] = frames.get(kind) or _frame(query)
            last = kind
        pairs = ",".join([f'{{"Name":{_text(one)},"Value":{_text(value)}}}' for one, value in series.dimensions])
        yield f'{{"Id":"{name}{before}[{pairs}]{behind}'.encode()


def _frame(query: Query) -> tuple[str, str]:
    """What stands before and behind the list of dimensions, from behind the id."""
    bare = json.dumps(_metric("", replace(query.series, dimensions=()), query, shown=True), separators=(",", ":"))
    before, member, behind = bare.removeprefix('{"Id":"').partition('"Dimensions":')  # no text holds a bare quote
    return before + member, behind.removeprefix("[]")


def grouped(query: Query, label: str) -> Series | None:
    """The series of a result, by its label; None where the label lacks one of the dimensions.

    Of SELECT with one group the whole label is taken too, as CloudWatch writes it unasked.
    """
    values = label.split(BETWEEN)[1:-1] if BETWEEN in label else [label] if is_select(query.text) else []
    if len(values) != len(query.group_by) or any(not value or value.startswith("${") for value in values):
        return None
    dimensions = dict(query.series.dimensions) | dict(zip(query.group_by, values, strict=True))
    return replace(query.series, dimensions=tuple(dimensions.items()))


def _label(dimensions: tuple[str, ...]) -> str:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html"""
    odd = [name for name in dimensions if set(name) & set("'{}$")]
    if odd:
        raise ValueError(f"CloudWatch cannot put the dimension {odd[0]} into a label")
    return BETWEEN.join(["", *(f"${{PROP('Dim.{name}')}}" for name in dimensions), ""])


def _metric(name: str, series: Series, query: Query, *, shown: bool) -> Json:
    dimensions = [{"Name": dimension, "Value": value} for dimension, value in series.dimensions]
    question: Json = {
        "Id": name,
        "MetricStat": {
            "Metric": {"Namespace": series.namespace, "MetricName": series.metric, "Dimensions": dimensions},
            "Period": series.period_s,
            "Stat": series.statistic,
        },
        "ReturnData": shown,
    }
    if query.linked:
        question["AccountId"] = series.account
    return question


def _expression(name: str, text: str, query: Query) -> Json:
    """Which accounts a SEARCH or SELECT looks into stands in its text."""
    return {"Id": name, "Expression": text, "Period": query.series.period_s}
