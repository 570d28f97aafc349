"""Reading metrics: v1 `query`, v2 `query/timeseries`, the active metrics. Requests in, vendor JSON out."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sandbox.datadog.evaluate import Answer, Line, evaluate
from sandbox.datadog.expressions import Expression, read
from sandbox.datadog.formulas import Groups, compute
from sandbox.datadog.query import MetricQuery, parse, split
from sandbox.datadog.refused import Refused
from sandbox.datadog.schema import TEXT, Checker, closed, many, one_of
from sandbox.datadog.store import Floats, Store
from sandbox.datadog.units import unit

RETENTION_S = 455 * 86_400  # 15 months
SECONDS_BELOW = 100_000_000_000  # an epoch time beyond this is in milliseconds
POSITIVE = {"type": "integer", "minimum": 1}
_QUERY = closed(
    {"data_source": one_of("metrics"), "query": TEXT},
    name=TEXT,
    aggregator=TEXT,
    cross_org_uuids=many(TEXT),
    semantic_mode=TEXT,
)
_FORMULA = closed({"formula": TEXT}, limit=closed(count=POSITIVE, order=one_of("asc desc")))
_ATTRIBUTES = closed(
    {"from": POSITIVE, "to": POSITIVE, "queries": many(_QUERY, 1)},
    interval=POSITIVE,
    formulas=many(_FORMULA),
)
_REQUEST = Checker(closed({"data": closed({"type": TEXT, "attributes": _ATTRIBUTES})}))

Json = dict[str, Any]


def query_v1(store: Store, params: Mapping[str, str]) -> Json:
    """Seconds in, milliseconds out; each series has its pointlist, with nulls where a sister has a value."""
    start_s, end_s = (_seconds(params, name) for name in ("from", "to"))
    text = params.get("query")
    if not text:
        raise Refused(400, "Missing required argument: query")
    if start_s >= end_s:
        raise Refused(400, "The 'from' parameter must be before the 'to' parameter")
    expressions = [read(part) for part in split(text)]
    keys = {key for expression in expressions for query in expression.queries for key in query.by}
    return {
        "status": "ok",
        "resp_version": 1,
        "res_type": "time_series",
        "query": text,
        "from_date": start_s * 1000,
        "to_date": end_s * 1000,
        "message": "",
        "group_by": sorted(keys),
        "series": [
            series
            for index, expression in enumerate(expressions)
            for series in _expression_v1(store, expression, index, start_s, end_s)
        ],
        "times": [],
        "values": [],
    }


def query_v2(store: Store, body: Any, now_s: float) -> Json:
    """Milliseconds both ways; one column of times for all series, null where a series has no value."""
    attributes = _attributes(body)
    start_s, end_s = attributes["from"] / 1000, attributes["to"] / 1000
    if end_s < now_s - RETENTION_S:
        raise Refused(400, "Queries ending outside the retention date are invalid")
    asked = attributes.get("interval")
    asked_s = max(1, asked // 1000) if asked else None
    queries = {name: _metric_query(text) for name, text in _queries(attributes).items()}
    answers = {name: evaluate(store, query, start_s, end_s, asked_s) for name, query in queries.items()}
    lines = [line.times_s for answer in answers.values() for line in answer.lines]
    times_s = np.unique(np.concatenate(lines)) if lines else np.empty(0, np.int64)
    columns = {name: _columns(answer, times_s) for name, answer in answers.items()}
    series, values = _rows(attributes, answers, columns)
    return {
        "data": {
            "id": "0",
            "type": "timeseries_response",
            "attributes": {"series": series, "times": (times_s * 1000).tolist(), "values": values},
        }
    }


def active(store: Store, params: Mapping[str, str]) -> Json:
    """Names of metrics with a point since `from`."""
    since_s = _seconds(params, "from")
    host = f"host:{params['host'].lower()}" if "host" in params else None
    names = [
        name
        for name, metric in sorted(store.metrics.items())
        if any(one.last_s() >= since_s and (not host or host in one.tags) for one in metric.series.values())
    ]
    return {"from": str(since_s), "metrics": names}


def _expression_v1(store: Store, expression: Expression, index: int, start_s: int, end_s: int) -> list[Json]:
    answers = [evaluate(store, query, start_s, end_s, None) for query in expression.queries]
    if expression.is_query:
        return [_series_v1(answers[0], index, line) for line in answers[0].lines]
    lines = [line.times_s for answer in answers for line in answer.lines]
    times_s = np.unique(np.concatenate(lines)) if lines else np.empty(0, np.int64)
    columns = {f"q{number}": _columns(answer, times_s) for number, answer in enumerate(answers)}
    try:
        computed = compute(expression.formula, columns)
    except Refused:
        text = expression.shown([query.text for query in expression.queries])
        raise Refused(400, f"Error parsing query: \n unable to parse {text}") from None
    shown = expression.shown([query.metric for query in expression.queries])
    return [
        _computed_v1(expression, answers, index, shown, group, times_s, column)
        for group, column in computed.items()
        if not np.isnan(column).all()
    ]


def _computed_v1(
    expression: Expression,
    answers: list[Answer],
    index: int,
    shown: str,
    group: tuple[str, ...],
    times_s: Any,
    column: Floats,
) -> Json:
    step_s = max(answer.step_s for answer in answers)
    texts = [_expression(answer.query, _scope(answer.query, group)) for answer in answers]
    return {
        "metric": f"({shown})",
        "display_name": f"({shown})",
        "aggr": None,
        "scope": _scope(answers[0].query, group),
        "tag_set": list(group),
        "expression": f"({expression.shown(texts)})",
        "query_index": index,
        "interval": step_s,
        "start": int(times_s[0]) * 1000,
        "end": int(times_s[-1]) * 1000 + step_s * 1000 - 1000,
        "length": len(times_s),
        "pointlist": [list(pair) for pair in zip((times_s * 1000.0).tolist(), _plain(column), strict=True)],
        "unit": None,
        "attributes": {},
    }


def _scope(query: MetricQuery, group: tuple[str, ...]) -> str:
    return ",".join([one for one in query.scope if one != "*"] + list(group)) or "*"


def _expression(query: MetricQuery, scope: str) -> str:
    return f"{query.aggregator + ':' if query.aggregator else ''}{query.metric}{{{scope}}}"


def _series_v1(answer: Answer, index: int, line: Line) -> Json:
    query, step_ms = answer.query, answer.step_s * 1000
    times_s = np.unique(np.concatenate([sister.times_s for sister in answer.lines]))
    pairs = zip((times_s * 1000.0).tolist(), _plain(_column(line, times_s)), strict=True)
    scope = _scope(query, line.group)
    return {
        "metric": query.metric,
        "display_name": query.metric,
        "aggr": query.aggregator,
        "scope": scope,
        "tag_set": list(line.group),
        "expression": _expression(query, scope),
        "query_index": index,
        "interval": answer.step_s,
        "start": int(times_s[0]) * 1000,
        "end": int(times_s[-1]) * 1000 + step_ms - 1000,
        "length": len(times_s),
        "pointlist": [list(pair) for pair in pairs],
        "unit": unit(answer.unit),
        "attributes": {},
    }


def _rows(
    attributes: Json, answers: dict[str, Answer], columns: dict[str, Groups]
) -> tuple[list[Json], list[Any]]:
    formulas = attributes.get("formulas") or [{"formula": name} for name in columns]
    series: list[Json] = []
    values: list[list[float | None]] = []
    for index, formula in enumerate(formulas):
        groups = _limited(compute(formula["formula"], columns), formula.get("limit"))
        alone = answers.get(formula["formula"].strip())
        for group, column in groups.items():
            shown = unit(alone.unit) if alone else None
            series.append({"group_tags": list(group), "query_index": index, "unit": shown})
            values.append(_plain(column))
    return series, values


def _limited(groups: Groups, limit: Any) -> Groups:
    """`limit: {count, order}` keeps the groups with the highest, or lowest, means."""
    if not limit:
        return groups
    by_mean = sorted(groups, key=lambda group: float(np.nanmean(groups[group])))
    if limit.get("order", "desc") == "desc":
        by_mean.reverse()
    return {group: groups[group] for group in by_mean[: limit.get("count")]}


def _columns(answer: Answer, times_s: Any) -> Groups:
    return {line.group: _column(line, times_s) for line in answer.lines}


def _column(line: Line, times_s: Any) -> Floats:
    column = np.full(len(times_s), np.nan)
    column[np.searchsorted(times_s, line.times_s)] = line.values
    return column


def _plain(column: Floats) -> list[float | None]:
    return [None if value != value else value for value in column.tolist()]


def _attributes(body: Any) -> Json:
    if complaint := _REQUEST.complaint(body):
        raise Refused(400, f"API input validation failed: {complaint}")
    if body["data"]["type"] != "timeseries_request":
        raise Refused(400, 'API input validation failed: Invalid type. Expected "timeseries_request".')
    attributes: Json = body["data"]["attributes"]
    if attributes["from"] >= attributes["to"]:
        raise Refused(400, "API input validation failed: from must be before to")
    return attributes


def _metric_query(text: str) -> MetricQuery:
    """One metric, as v2 wants it: https://github.com/argoproj/argo-rollouts/issues/2813"""
    if not read(text).is_query:
        raise Refused(400, "Functions are not supported in metrics data source field. Use the formulas payload.")
    return parse(text)


def _queries(attributes: Json) -> dict[str, str]:
    found: dict[str, str] = {}
    for position, query in enumerate(attributes["queries"]):
        name = query.get("name", f"query{position}")
        if name in found:
            raise Refused(400, f"API input validation failed: duplicate query name '{name}'")
        found[name] = query["query"]
    return found


def _seconds(params: Mapping[str, str], name: str) -> int:
    if name not in params:
        raise Refused(400, f"Missing required argument: {name}")
    try:
        at_s = int(params[name])
    except ValueError as error:
        raise Refused(400, f"Invalid value for parameter '{name}': it must be epoch seconds") from error
    if at_s > SECONDS_BELOW:
        raise Refused(400, f"Invalid value for parameter '{name}': it must be seconds, not milliseconds")
    return at_s
