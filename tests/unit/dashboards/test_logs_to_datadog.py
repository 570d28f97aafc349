from datetime import timedelta
from typing import Any

import pytest

from watchbill.dashboards.convert.logs_to_datadog import log_search
from watchbill.model.dashboards import CloudWatchLogs, DatadogLogs, LogCompute, LogGroup

IN_A = '@aws.awslogs.logGroup:"a"'


def logs(query: str, view: Any = "table", groups: tuple[str, ...] = ("a",)) -> CloudWatchLogs:
    return CloudWatchLogs(log_groups=groups, query=query, view=view)


def test_a_list_is_a_list() -> None:
    found = log_search(logs("fields @timestamp, level, @message | filter sampling = 0 | sort @timestamp desc"))
    assert found.logs == DatadogLogs(query=f"{IN_A} @sampling:0", columns=("timestamp", "@level", "content"))
    assert found.lost == []


@pytest.mark.parametrize(("groups", "query"), [
    (("a", "b"), '(@aws.awslogs.logGroup:"a" OR @aws.awslogs.logGroup:"b")'),
    (("/aws/ecs/*",), "@aws.awslogs.logGroup:/aws/ecs/*"), (("*",), ""),
    (("${Name}-x",), '@aws.awslogs.logGroup:"${Name}-x"'),
    (("arn:aws:logs:eu-west-1:1:log-group:/x:*",), '@aws.awslogs.logGroup:"/x"'),
])
def test_log_groups_are_what_the_forwarder_notes(groups: tuple[str, ...], query: str) -> None:
    found = log_search(logs("fields @message", groups=groups)).logs
    assert found is not None
    assert found.query == query


@pytest.mark.parametrize(("condition", "search"), [
    ('level = "ERROR"', "(@level:ERROR OR status:error)"), ("level != 'x y'", '-@level:"x y"'),
    ("code >= 500 and code < 600", "@code:>=500 @code:<600"), ("a = 1 or b = 2", "(@a:1 OR @b:2)"),
    ("not (a = 1 and b = 2)", "-(@a:1 @b:2)"), ("ispresent(user.id)", "@user.id:*"), ("isblank(x)", "-@x:*"),
    ("@message like /(?i)(error|time ?out)/", None), ("@message like /(?i)(error|fatal)/", "(*error* OR *fatal*)"),
    ("path like /.*checkout.*/", "@path:*checkout*"), ("path like 'a b'", "@path:*a\\ b*"),
    ("@logStream = 'x'", "@aws.awslogs.logStream:x"), ("status in [1, 2]", "(@status:1 OR @status:2)"),
    ("@message like 'out of memory'", '"out of memory"'), ("@message like /a[bc]/", None), ("@requestId = 'x'", None),
    ("name > 'b'", None), ("@message != 'it \"is\"'", '-"it \\"is\\""'), ("@timestamp > 5", None),
    ("msg = 'budget.exhausted'", '(@msg:budget.exhausted OR "budget.exhausted")'),
])
def test_conditions_are_terms_of_a_search_or_impossible(condition: str, search: str | None) -> None:
    found = log_search(logs(f"fields @message | filter {condition}"))
    assert (found.logs.query if found.logs else None) == (search and f"{IN_A} {search}")
    assert found.logs or found.lost


def test_what_a_search_finds_otherwise_is_told() -> None:
    assert log_search(logs("filter @message like /Error/ | limit 5")).lost == [
        "its search does not mind upper and lower case", "its list goes on past its limit"]
    assert log_search(logs("fields @message as Text, @requestId")).lost == [
        "its column Text is called content", "without the column @requestId: @requestId is CloudWatch's own"]


def test_statistics_over_time_are_a_graph() -> None:
    found = log_search(logs("stats count(*), pct(ms, 95) by bin(5m)", "line"))
    minutes = timedelta(minutes=5)
    assert found.logs == DatadogLogs(query=IN_A, view="line", compute=(
        LogCompute(interval=minutes), LogCompute(aggregation="pc95", metric="@ms", interval=minutes)))
    assert found.lost == []


def test_statistics_by_fields_are_groups_in_their_order() -> None:
    found = log_search(logs("stats avg(ms) as slow by path | sort slow asc | limit 5", "bar"))
    average = LogCompute(aggregation="avg", metric="@ms")
    assert found.logs == DatadogLogs(query=IN_A, view="bar", compute=(average,), group_by=(
        LogGroup(facet="@path", limit=5, sort=average, order="asc"),))
    assert found.lost == []


def test_one_statistic_is_a_number() -> None:
    found = log_search(logs("stats count_distinct(user)")).logs
    distinct = LogCompute(aggregation="cardinality", metric="@user")
    assert found == DatadogLogs(query=IN_A, view="number", compute=(distinct,))


@pytest.mark.parametrize(("query", "why"), [
    ("limit 100 | stats max(ms)", "it computes over its first events only (limit before stats)"),
    ("parse @message '*' as x", "its query has the command parse"),
    ("stats max(@duration)", "@duration is CloudWatch's own"),
    ("stats pct(ms, 42)", "it computes pct(ms, 42)"), ("stats stddev(ms)", "it computes stddev(ms)"),
])
def test_what_datadog_does_not_compute_is_impossible(query: str, why: str) -> None:
    found = log_search(logs(query))
    assert (found.logs, found.lost) == (None, [why])
