"""Expressions: one query each, in as little room as they need."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.sources.entries import entry
from tests.unit.sources.fake_aws import ACCOUNT, CloudWatch
from watchbill.model.cloudwatch_math import is_id, is_search, is_select, most_series, names, takes_all
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import EXPRESSION, Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.billing import billed, open_ended
from watchbill.sources.cloudwatch import plan
from watchbill.sources.request import Query, Request

NOW = datetime(2026, 3, 1, 10, 7, 30, tzinfo=UTC)
LIVE = Window(datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, 5, tzinfo=UTC))
RATE = {"errors": {"metric": "errors", "statistic": "Sum", "dimensions": {"service": "cart"}},
        "all": {"metric": "requests", "statistic": "Sum", "namespace": "gate"}, "share": "errors / all"}
SEARCH = "SEARCH('{shop,service} MetricName=\"errors\"', 'Sum', 60)"
SELECT = 'SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId)'


def math(name: str = "error-rate", expression: str = "share * 100", **given: Any) -> MetricEntry:
    queries = given.pop("queries", RATE)
    return entry(**{"name": name, "metrics": name, "expression": expression, "queries": queries, "dimensions": {},
                    "sources": "cloudwatch", **given})


def planned(*entries: MetricEntry, window: Window = LIVE, now: datetime = NOW,
            settle: timedelta | None = None) -> list[Request]:
    return plan(CloudWatch(), entries, Target("cloudwatch", "aws_default"), ACCOUNT, "eu-west-1", window, now,
                settle=settle)


def series(metric: str, statistic: str = "Sum", namespace: str = "shop", **dimensions: str) -> Series:
    return Series("cloudwatch", ACCOUNT, "eu-west-1", namespace, metric, statistic, 60, tuple(dimensions.items()))


def sizes(requests: list[Request]) -> list[int]:
    return [len(request.queries) for request in requests]


def history(days: int) -> Window:
    return Window(NOW - timedelta(days=days), NOW).aligned(60)


def test_an_expression_is_one_query_with_what_it_computes_with() -> None:
    (request,) = planned(math(dimensions={"site": "eu"}, unit="Percent", nil_to_zero=True))
    wanted = Query("error-rate", series("error-rate", EXPRESSION, site="eu"), "share * 100", queries=(
        ("errors", series("errors", service="cart")), ("all", series("requests", namespace="gate")),
        ("share", "errors / all")), nil_to_zero=True)
    assert request == Request(Target("cloudwatch", "aws_default"), LIVE, (wanted,))
    assert request.queries[0].series.unit == "Percent"
    assert Request.from_json(request.to_json()) == request


def test_dimensions_that_are_not_fixed_are_read_from_the_answer() -> None:
    wanted = math("errors", SEARCH, queries={}, dimensions={"site": "eu", "service": "=~c.*", "zone": "*",
                                                            "host": "!~test"})
    (request,) = planned(wanted)
    (query,) = request.queries
    assert (query.group_by, query.sift) == (("service", "zone", "host"), (("service", "=~c.*"), ("host", "!~test")))
    assert query.series.dimensions == (("site", "eu"),)


def test_math_is_packed_with_others_and_its_hidden_queries_count() -> None:
    plain = entry(metrics=[f"m{number}" for number in range(498)], sources="cloudwatch")
    assert sizes(planned(plain, math())) == [498, 1]  # four of them would be 502
    fewer = entry(metrics=[f"m{number}" for number in range(496)], sources="cloudwatch")
    assert sizes(planned(fewer, math())) == [497]


def test_expressions_share_a_request_as_far_as_there_is_room() -> None:
    assert sizes(planned(*(math(f"rate{number}") for number in range(130)))) == [125, 5]


def test_math_goes_where_its_metrics_are_asked_for_already() -> None:
    names = [f"m{number}" for number in range(700)]
    plain = entry(metrics=[*names, "errors"], statistics="Sum", dimensions={"service": "cart"}, sources="cloudwatch")
    requests = planned(plain, math(queries={"errors": RATE["errors"]}, expression="errors * 2"))
    assert [[query.text for query in request.queries if query.text] for request in requests] == [[], ["errors * 2"]]
    assert [billed(request.queries) for request in requests] == [500, 201]


def test_math_over_history_is_cut_only_where_it_does_not_fit() -> None:
    (request,) = planned(math(), window=history(14))
    assert request.window == history(14)
    wide = math(expression="SUM([{}])".format(",".join(f"m{one}" for one in range(6))),
                queries={f"m{one}": {"metric": f"m{one}"} for one in range(6)})
    requests = planned(wide, window=history(14))  # seven series of 20,160 points
    assert [request.window.points(60) for request in requests] == [14_400, 5_760]
    assert requests[0].window.end == requests[1].window.start


def test_a_search_stands_alone_with_room_for_all_that_it_may_find() -> None:
    search = math("found", SEARCH, queries={}, dimensions={"service": "*"})
    requests = planned(search, math(), entry(sources="cloudwatch"), settle=timedelta(minutes=2))
    assert sizes(requests) == [2, 1]
    assert [request.window.points(60) for request in requests] == [201, 201]
    long = planned(search, window=Window(LIVE.end - timedelta(minutes=500), LIVE.end))
    assert [request.window.points(60) for request in long] == [201, 201, 98]


@pytest.mark.parametrize("text", ["SUM(METRICS())", 'SUM(METRICS("err"))'])
def test_metrics_is_asked_for_where_no_other_metrics_are(text: str) -> None:
    assert sizes(planned(entry(sources="cloudwatch"), math(expression=text), math("b"))) == [2, 1]


def test_every_select_has_a_request_of_its_own() -> None:
    select = math("cpu", SELECT, queries={})
    inner = math("scaled", "cpu * 2", queries={"cpu": SELECT})
    requests = planned(select, inner, entry(sources="cloudwatch"))
    assert sizes(requests) == [1, 1, 1]
    assert [open_ended(request.queries) for request in requests] == [0, 1, 1]


def test_metrics_insights_goes_back_two_weeks_and_no_further() -> None:
    grouped = math("cpu", f"{SELECT} GROUP BY InstanceId LIMIT 10", queries={}, dimensions={"InstanceId": "*"})
    requests = planned(grouped, window=Window(history(14).start + timedelta(minutes=1), LIVE.end))
    assert [request.window.points(60) for request in requests] == [10_080, 10_077]
    with pytest.raises(SourceError) as refused:
        planned(grouped, window=history(14))
    assert str(refused.value) == (
        "CloudWatch in eu-west-1 (connection aws_default), planning for cpu: Metrics Insights goes back 14 days, and "
        "2026-02-15 10:07 UTC is earlier. Start at 2026-02-15 10:08 UTC or later, or leave this entry out")
    assert not refused.value.retryable
    (request,) = planned(math("cpu", SELECT, queries={}, period="1d", delay="10h2m"), settle=timedelta(0))
    assert request.window == Window(datetime(2026, 2, 16, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))


def test_hidden_metrics_are_billed_and_math_is_not() -> None:
    (request,) = planned(math(), math("twice", "errors * 2", queries={"errors": RATE["errors"]}),
                         entry(metrics="errors", statistics=["Sum", "p99"], dimensions={"service": "cart"},
                               sources="cloudwatch"))
    assert billed(request.queries) == 2  # errors, once for all its statistics, and gate's requests
    assert open_ended(request.queries) == 0
    assert billed(planned(math("found", SEARCH, queries={}))[0].queries) == 1


def test_what_an_expression_is_stands_in_its_text() -> None:
    assert is_select(f"  {SELECT}")
    assert is_select("select AVG(a) FROM b")
    assert not is_select("SELECTED + 1")
    assert is_search(SEARCH)
    assert is_search(f"SUM({SEARCH})")
    assert not is_search("errors + 'SEARCH('")
    assert not takes_all('SELECT AVG("METRICS()") FROM a')
    assert names("100 * errors / (a_1 + FILL(m2, REPEAT)) > 5 ? 'no' : RUNNING_SUM(e)") == {"errors", "a_1", "m2", "e"}
    assert [is_id(name) for name in ("errors", "e_1", "Errors", "1e", "e-1", "")] == [True, True, False, False, False,
                                                                                    False]
    texts = [SELECT, f"{SELECT} GROUP BY InstanceId", f"{SELECT} GROUP BY InstanceId LIMIT 7", SEARCH, "a + b"]
    assert [most_series([text]) for text in texts] == [1, 500, 7, 500, 0]
