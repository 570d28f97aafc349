"""SEARCH, metric math and Metrics Insights through boto3: what they find, how they compute, what is refused."""

from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from sandbox.credentials import AWS_ACCOUNT, OTHER_ACCOUNT
from tests.contract.sandbox.cloudwatch_server import DAY_S, NOW, Cloud, query

START = NOW - 600
GAP = np.nan


def put(cloud: Cloud, metric: str, values: list[float], namespace: str = "shop", **dimensions: str) -> None:
    """One value a minute from START on; GAP leaves one out."""
    times = START + 60 * np.arange(len(values))
    there = ~np.isnan(values)
    cloud.store.put(namespace, metric, dimensions, times[there], np.array(values)[there])


def asked(cloud: Cloud, *queries: dict[str, Any], start: float = START, end: float = NOW, **request: Any) -> Any:
    return cloud.read(*queries, start=start, end=end, ScanBy="TimestampAscending", **request)


def expression(text: str, id: str = "e", **given: Any) -> dict[str, Any]:  # noqa: A002
    return {"Id": id, "Expression": text, **given}


def column(result: Any, minutes: int) -> list[float | None]:
    """The values of the first minutes, None where there is no point."""
    have = {time.timestamp(): value for time, value in zip(result["Timestamps"], result["Values"], strict=True)}
    assert set(have) <= {START + 60 * minute for minute in range(minutes)}
    return [have.get(START + 60 * minute) for minute in range(minutes)]


def refusal(cloud: Cloud, *queries: dict[str, Any]) -> str:
    with pytest.raises(ClientError) as refused:
        asked(cloud, *queries)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    return str(refused.value.response["Error"]["Message"])


def labels(answer: Any) -> list[str]:
    return [result["Label"] for result in answer["MetricDataResults"]]


# Metric math


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a + b", [31, 20, 10, None]),
        ("a - b", [-29, -16, 10, None]),
        ("b / a", [30, 9, 0, None]),
        ("-a ^ 2", [-1, -4, -100, None]),
        ("a * 2 + 1", [3, 5, 21, None]),
        ("SUM([a, b])", [31, 20, 10, None]),
        ("AVG([a, b])", [15.5, 10, 5, None]),
        ("MAX([a, b])", [30, 18, 10, None]),
        ("MIN([a, b])", [1, 2, 10, None]),
        ("STDDEV([a, b])", [14.5, 8, 0, None]),
        ("a - AVG(b)", [-23, -22, -14, None]),
        ("a / SUM(a) * 13", [1, 2, 10, None]),
        ("SUM(METRICS())", [35, 20, 18, None]),
        ('SUM(METRICS("a"))', [1, 2, 10, None]),
        ("FILL(b, 0)", [30, 18, 0, 0]),
        ("FILL(b, REPEAT)", [30, 18, 18, 18]),
        ("FILL(c, LINEAR)", [4, 6, 8, None]),
        ("FILL(c, a)", [4, 2, 8, None]),
        ("DIFF(a)", [None, 1, 8, None]),
        ("RATE(a) * 60", [None, 1, 8, None]),
        ("DIFF_TIME(c)", [None, None, 120, None]),
        ("a / PERIOD(a) * 60", [1, 2, 10, None]),
        ("ABS(-a)", [1, 2, 10, None]),
        ("CEIL(a / 4)", [1, 1, 3, None]),
        ("FLOOR(a / 4)", [0, 0, 2, None]),
        ("a > 1", [0, 1, 1, None]),
        ("a >= b OR c == 4", [1, 0, 1, None]),
        ("(a > 1) && (b > 1)", [0, 1, 0, None]),
        ("IF(a > 1, a)", [None, 2, 10, None]),
        ("IF(a > 1, a, 0)", [0, 2, 10, None]),
        ("IF(a > 1, b, c)", [4, 18, 0, None]),
        ("IF(a, 5, 7)", [5, 5, 5, None]),
        ("FIRST(SORT([a, b], MAX, DESC))", [30, 18, None, None]),
        ("LAST([a, b])", [30, 18, None, None]),
        ("RUNNING_SUM(a)", [1, 3, 13, None]),
        ("a / METRIC_COUNT(METRICS())", [1 / 3, 2 / 3, 10 / 3, None]),
        ("a * DATAPOINT_COUNT(b)", [2, 4, 20, None]),
        ("TIME_SERIES(3)", [3, 3, 3, 3]),
    ],
)
def test_metric_math_is_computed_as_documented(cloud: Cloud, text: str, values: list[float]) -> None:
    put(cloud, "a", [1, 2, 10])
    put(cloud, "b", [30, 18])
    put(cloud, "c", [4, GAP, 8])
    metrics = [{**query(name, "Sum", metric=name), "ReturnData": False} for name in "abc"]
    answer = asked(cloud, *metrics, expression(text), end=START + 240)
    [result] = answer["MetricDataResults"]
    assert column(result, 4) == pytest.approx(values)
    assert (result["Id"], result["Label"], result["StatusCode"]) == ("e", "e", "Complete")


def test_an_array_has_one_result_for_each_series(cloud: Cloud) -> None:
    put(cloud, "a", [1, 2])
    put(cloud, "b", [3])
    metrics = [{**query(name, metric=name), "ReturnData": False} for name in "ab"]
    answer = asked(cloud, *metrics, expression("METRICS() * 10"), expression("[a, b]", "f", Label="both"))
    assert [(result["Id"], result["Label"], result["Values"]) for result in answer["MetricDataResults"]] == [
        ("e", "a", [10, 20]), ("e", "b", [30]), ("f", "both a", [1, 2]), ("f", "both b", [3]),
    ]  # fmt: skip


def test_a_division_by_zero_drops_the_point_and_says_so(cloud: Cloud) -> None:
    put(cloud, "a", [1, 2])
    put(cloud, "b", [0, 1])
    answer = asked(cloud, query("a", metric="a"), query("b", metric="b"), expression("a / b"))
    result = answer["MetricDataResults"][2]
    assert (result["Values"], result["Messages"][0]["Code"]) == ([2.0], "ArithmeticError")
    assert "Messages" not in answer["MetricDataResults"][0] or not answer["MetricDataResults"][0]["Messages"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nobody + 1", "Undefined identifier nobody"),
        ("a + ", "it cannot be parsed"),
        ("a b", "Unexpected 'b'"),
        ("SUM(a)", "The expression must return a time series or an array of time series"),
        ("MEDIAN(a)", "Undefined function MEDIAN"),
        ("sum([a])", "Undefined function sum"),
        ("FILL(a)", "FILL takes 2 to 2 arguments"),
        ("SORT(a, AVG, ASC)", "an array of time series is needed"),
        ("PERIOD(a + 1) * a", "PERIOD takes a metric, not the result of an expression"),
        ("[a, a] + [a]", "the arrays of time series have different lengths"),
        ("SEARCH('{shop}', 'Nonsense', 60)", "The value Nonsense is not a supported statistic"),
        ("SEARCH('{shop}', 'Sum', 45)", "The period 45 must be in the set [ 1, 5, 10, 20, 30 ] or a multiple of 60"),
        ("SEARCH('', 'Sum', 60)", "a SEARCH needs a metric schema, a search term, or both"),
        ("SEARCH('{shop', 'Sum', 60)", "the metric schema of a SEARCH is {Namespace, DimensionName, ...}"),
        ("SEARCH('(a OR b', 'Sum', 60)", "a bracket of the search terms is not closed"),
        (f"SEARCH('{'x' * 1025}', 'Sum', 60)", "a search expression has at most 1024 characters"),
    ],
)
def test_wrong_expressions_are_refused_by_name(cloud: Cloud, text: str, message: str) -> None:
    put(cloud, "a", [1])
    assert refusal(cloud, query("a", metric="a"), expression(text)) == f"Error in expression 'e': {message}."


# SEARCH


def found(cloud: Cloud, terms: str) -> list[str]:
    answer = asked(cloud, expression(f"SEARCH('{terms}', 'Average', 60)", Label="${PROP('MetricName')}"))
    return [result["Label"] for result in answer["MetricDataResults"] if result["Values"]]


@pytest.mark.parametrize(
    ("terms", "names"),
    [
        ("{shop,host}", ["CustomCount1", "Errors", "Network-Errors-2"]),
        ("{shop} zone", ["Errors"]),
        ('{"shop", "host"} MetricName="Errors"', ["Errors"]),
        ("{shop,zone,host}", ["Errors"]),
        ("{shop,zone}", []),
        ('MetricName="CustomCount1"', ["CustomCount1"]),
        ("count", ["CustomCount1"]),
        ("COUNT", ["CustomCount1"]),
        ("couNT", []),
        ("CustomCount", ["CustomCount1"]),
        ("customcount", []),
        ("Count1", ["CustomCount1"]),
        ("count1", []),
        ("customcount1", ["CustomCount1"]),
        ('"customcount1"', []),
        ("network/errors", ["Network-Errors-2"]),
        ("Network_Errors", ["Network-Errors-2"]),
        ('"Network_Errors_2"', []),
        ("{shop,host} errors NOT network", ["Errors"]),
        ("{shop,host} count OR (errors AND network)", ["CustomCount1", "Network-Errors-2"]),
        ("NOT Namespace=shop", ["CPUUtilization"]),
        ("host=web", ["CustomCount1", "Errors", "Errors", "Network-Errors-2"]),
        ('"host"=("web-1" OR "web-9") MetricName=Custom', ["CustomCount1"]),
        ("{AWS/EC2,InstanceId} CPUUtilization NOT i-1", []),
    ],
)
def test_a_search_finds_by_schema_and_terms(cloud: Cloud, terms: str, names: list[str]) -> None:
    for metric in ("CustomCount1", "Errors", "Network-Errors-2"):
        put(cloud, metric, [1], host="web-1")
    put(cloud, "Errors", [1], host="web-1", zone="a")
    put(cloud, "CPUUtilization", [1], "AWS/EC2", InstanceId="i-1")
    assert found(cloud, terms) == names


def test_results_of_a_search_are_told_apart_by_what_differs(cloud: Cloud) -> None:
    for host in ("web-1", "web-2"):
        put(cloud, "errors", [1, 2], host=host)
        put(cloud, "requests", [3], host=host)
    answer = asked(cloud, expression("SEARCH('{shop,host} MetricName=\"errors\"', 'Sum', 60)"),
                   expression("SEARCH('{shop,host}', 'Sum', 60)", "f"))
    assert [(result["Id"], result["Label"]) for result in answer["MetricDataResults"]] == [
        ("e", "web-1"), ("e", "web-2"), ("f", "web-1 errors"), ("f", "web-2 errors"), ("f", "web-1 requests"),
        ("f", "web-2 requests"),
    ]  # fmt: skip


def test_a_search_stands_inside_of_functions_and_behind_an_id(cloud: Cloud) -> None:
    for number in (1, 2, 3):
        put(cloud, "errors", [number, 10 * number], host=f"web-{number}")
    search = "SEARCH('{shop,host} errors', 'Sum', 60)"
    answer = asked(cloud, expression(f"SUM({search})"), expression(f"SORT({search}, MAX, DESC, 2)", "f"),
                   {**expression(search, "g"), "ReturnData": False}, expression("MAX(g) / 2", "h"))
    assert [(result["Id"], result["Label"], result["Values"]) for result in answer["MetricDataResults"]] == [
        ("e", "e", [6, 60]), ("f", "web-3", [3, 30]), ("f", "web-2", [2, 20]), ("h", "h", [1.5, 15]),
    ]  # fmt: skip


def test_a_search_that_finds_nothing_is_one_result_without_points(cloud: Cloud) -> None:
    [result] = asked(cloud, expression("SEARCH('{shop}', 'Sum', 60)"))["MetricDataResults"]
    assert (result["Label"], result["Values"], result["StatusCode"]) == ("e", [], "Complete")


def test_a_search_takes_the_period_of_its_query(cloud: Cloud) -> None:
    put(cloud, "errors", [1] * 10)
    [result] = asked(cloud, expression("SEARCH('errors', 'Sum')", Period=300))["MetricDataResults"]
    assert result["Values"] == [5, 5]


def test_the_501st_metric_is_left_out_with_a_message(cloud: Cloud) -> None:
    for number in range(501):
        put(cloud, "errors", [1], host=f"{number:03}")
    answer = asked(cloud, query(metric="none"), expression("SEARCH('{shop,host}', 'Sum', 60)"))
    assert len(answer["MetricDataResults"]) == 1 + 499
    assert answer["Messages"] == [
        {"Code": "MaxMetricsExceeded", "Value": "Maximum number of allowed metrics exceeded"}
    ]


def test_a_search_does_not_find_what_has_been_silent_for_two_weeks(cloud: Cloud) -> None:
    cloud.store.put("shop", "old", {}, np.array([NOW - 15 * DAY_S]), np.array([1.0]))
    answer = asked(cloud, expression("SEARCH('old', 'Sum', 300)"), start=NOW - 16 * DAY_S)
    assert answer["MetricDataResults"][0]["Values"] == []


def test_pages_of_a_search_join_to_the_whole(cloud: Cloud) -> None:
    for host in "abc":
        put(cloud, "errors", [1, 2, 3, 4], host=host)
    search = expression("SEARCH('{shop,host}', 'Sum', 60)")
    pages, token = [], {}
    while True:
        page = asked(cloud, search, MaxDatapoints=5, **token)
        results = page["MetricDataResults"]
        pages.append([(result["Label"], result["Values"], result["StatusCode"]) for result in results])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert pages == [
        [("a", [1, 2, 3, 4], "Complete"), ("b", [1], "PartialData")],
        [("b", [2, 3, 4], "Complete"), ("c", [1, 2], "PartialData")],
        [("c", [3, 4], "Complete")],
    ]


def test_a_search_sees_linked_accounts_and_can_name_them(cloud: Cloud) -> None:
    put(cloud, "errors", [1])
    cloud.accounts.of(OTHER_ACCOUNT).put("shop", "errors", {}, np.array([START]), np.array([2.0]))
    label = {"Label": "${PROP('AccountId')}"}

    def owners(terms: str) -> list[str]:
        return labels(asked(cloud, expression(f"SEARCH('{terms}', 'Sum', 60)", **label)))

    assert owners("errors") == [AWS_ACCOUNT]
    named = expression(f"SEARCH('errors :aws.AccountId={OTHER_ACCOUNT}', 'Sum', 60)")
    assert refusal(cloud, named).endswith("Account IDs can be searched for in monitoring accounts only.")
    cloud.accounts.link(OTHER_ACCOUNT)
    assert owners("errors") == [AWS_ACCOUNT, OTHER_ACCOUNT]
    assert owners(f'errors :aws.AccountId="{OTHER_ACCOUNT}"') == [OTHER_ACCOUNT]
    assert owners('errors :aws.AccountId = "LOCAL"') == [AWS_ACCOUNT]


# Labels


def test_dynamic_labels_tell_the_properties_and_values_of_each_series(cloud: Cloud) -> None:
    put(cloud, "errors", [1, 5, 3], host="web-1")
    put(cloud, "errors", [2], host="web-2")
    label = ("${PROP('Namespace')}|${PROP('MetricName')}|${PROP('Dim.host')}|${PROP('Stat')}|${PROP('AccountId')}|"
             "${PROP('Period')}|${PROP('Region')}|${LABEL}|${MAX}|${LAST}|${PROP('Dim.none')}")
    answer = asked(cloud, expression("SEARCH('{shop,host}', 'Sum', 60)", Label=label),
                   {**query("q", "Sum", metric="errors", host="web-1"), "Label": "[${AVG}] ${LABEL}"})
    assert labels(answer) == [
        f"shop|errors|web-1|Sum|{AWS_ACCOUNT}|60|eu-west-1|web-1|5|3|",
        f"shop|errors|web-2|Sum|{AWS_ACCOUNT}|60|eu-west-1|web-2|2|2|",
        "[3] errors",
    ]


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("${LABEL} ${LABEL}", "${LABEL} can be used once in a label"),
        ("${MAX}${MIN}${AVG}${SUM}${LAST}${FIRST}", "a label holds at most 5 dynamic statistical values"),
    ],
)
def test_a_label_holds_only_so_many_dynamic_values(cloud: Cloud, label: str, message: str) -> None:
    assert refusal(cloud, {**query(), "Label": label}) == f"Error in label of 'q': {message}."


# Metrics Insights


@pytest.fixture
def fleet(cloud: Cloud) -> Cloud:
    """Three instances of two types, one of them without a type, and a metric without dimensions."""
    put(cloud, "CPUUtilization", [1, 2], "AWS/EC2", InstanceId="i-1", InstanceType="small")
    put(cloud, "CPUUtilization", [3, 4], "AWS/EC2", InstanceId="i-2", InstanceType="large")
    put(cloud, "CPUUtilization", [5, 9], "AWS/EC2", InstanceId="i-3")
    put(cloud, "CPUUtilization", [100], "AWS/EC2")
    return cloud


def selected(cloud: Cloud, text: str, **given: Any) -> list[tuple[str, list[float]]]:
    answer = asked(cloud, expression(text, Period=60, **given))
    return [(result["Label"], result["Values"]) for result in answer["MetricDataResults"]]


@pytest.mark.parametrize(
    ("text", "results"),
    [
        ('SELECT SUM(CPUUtilization) FROM "AWS/EC2"', [("e", [109, 15])]),
        ('SELECT COUNT(CPUUtilization) FROM "AWS/EC2"', [("e", [4, 3])]),
        ('SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2")', [("e", [100])]),
        ('SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceType, InstanceId)', [("e", [2, 3])]),
        ("select avg(CPUUtilization) from SCHEMA(\"AWS/EC2\", InstanceId) where InstanceId != 'i-9'", [("e", [5, 9])]),
        ('SELECT MIN(CPUUtilization) FROM "AWS/EC2" GROUP BY InstanceType',
         [("Other", [5, 9]), ("large", [3, 4]), ("small", [1, 2])]),
        ("SELECT MAX(CPUUtilization) FROM \"AWS/EC2\" WHERE InstanceType = 'small' OR InstanceType = 'large' "
         "GROUP BY InstanceType, InstanceId ORDER BY MAX() DESC LIMIT 1", [("large i-2", [3, 4])]),
        ("SELECT MAX(CPUUtilization) FROM \"AWS/EC2\" WHERE InstanceId = 'i-1' AND (InstanceType = 'small')",
         [("e", [1, 2])]),
        ('SELECT MAX("No.Such") FROM "AWS/EC2"', [("e", [])]),
        ('SELECT MAX(CPUUtilization) FROM "AWS/EC2" GROUP BY AWS.AccountId', [(AWS_ACCOUNT, [100, 9])]),
    ],
)  # fmt: skip
def test_metrics_insights_selects_groups_and_orders(fleet: Cloud, text: str, results: list[Any]) -> None:
    assert selected(fleet, text) == results


def test_a_query_of_metrics_insights_goes_into_metric_math(fleet: Cloud) -> None:
    grouped = {**expression('SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId', "q",
                            Period=60), "ReturnData": False}
    [result] = asked(fleet, grouped, expression("SUM(q) * 2"))["MetricDataResults"]
    assert result["Values"] == [10, 18]


def test_its_labels_know_the_groups(fleet: Cloud) -> None:
    text = 'SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId'
    label = "${PROP('MetricName')} ${PROP('Stat')} ${PROP('Dim.InstanceId')}"
    assert selected(fleet, text, Label=label) == [("CPUUtilization MAX i-3", [5.0, 9.0])]


def test_a_finer_period_is_a_minute_and_older_than_two_weeks_is_cut_with_a_message(fleet: Cloud) -> None:
    text = 'SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId)'
    assert asked(fleet, expression(text, Period=10))["MetricDataResults"][0]["Values"] == [5.0, 9.0]
    answer = asked(fleet, expression(text, Period=300), start=NOW - 15 * DAY_S)
    assert answer["Messages"][0]["Code"] == "MaxQueryTimeRangeExceeded"
    assert answer["MetricDataResults"][0]["Values"] == [9.0]


def test_at_most_500_groups_come(cloud: Cloud) -> None:
    for number in range(501):
        put(cloud, "errors", [number], host=f"{number:03}")
    answer = asked(cloud, expression("SELECT MAX(errors) FROM shop GROUP BY host ORDER BY MAX() DESC", Period=60))
    assert (len(answer["MetricDataResults"]), answer["MetricDataResults"][0]["Values"]) == (500, [500.0])
    assert [message["Code"] for message in answer["Messages"]] == ["MaxQueryResultsExceeded"]


def test_it_spans_linked_accounts(fleet: Cloud) -> None:
    key = {"InstanceId": "i-7"}
    fleet.accounts.of(OTHER_ACCOUNT).put("AWS/EC2", "CPUUtilization", key, np.array([START]), np.array([50.0]))
    text = 'SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY AWS.AccountId'
    assert selected(fleet, text) == [(AWS_ACCOUNT, [5.0, 9.0])]
    fleet.accounts.link(OTHER_ACCOUNT)
    assert selected(fleet, text) == [(AWS_ACCOUNT, [5.0, 9.0]), (OTHER_ACCOUNT, [50.0])]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT MEDIAN(a) FROM b", "MEDIAN is not one of the functions AVG, COUNT, MAX, MIN, SUM"),
        ("SELECT MAX(a) FROM AWS/EC2", "Syntax error at '/EC2'"),
        ("SELECT MAX(a) FROM b WHERE c = d", "Syntax error at 'd'"),
        ("SELECT MAX(a) FROM b WHERE c LIKE 'd'", "Syntax error at 'd'"),
        ("SELECT MAX(a)", "Unexpected end of the query"),
        ("SELECT MAX(a) FROM b LIMIT 501", "LIMIT must be between 1 and 500"),
    ],
)
def test_wrong_selects_are_refused_by_name(cloud: Cloud, text: str, message: str) -> None:
    assert refusal(cloud, expression(text, Period=60)) == f"Error in expression 'e': {message}."


def test_one_select_a_request_and_with_a_period(cloud: Cloud) -> None:
    select = "SELECT MAX(a) FROM b"
    assert refusal(cloud, expression(select)) == "Error in expression 'e': a Metrics Insights query needs a Period."
    assert refusal(cloud, expression(select, Period=60), expression(select, "f", Period=60)) == (
        "A GetMetricData operation can include only one Metrics Insights query."
    )


def test_a_million_points_of_a_search_are_answered_in_seconds(cloud: Cloud) -> None:
    times = NOW - 7 * DAY_S + 60 * np.arange(7 * 1440)
    for host in range(100):
        cloud.store.put("shop", "errors", {"host": str(host)}, times, np.ones(len(times)))
    search = expression("SUM(SEARCH('{shop,host}', 'Sum', 60))")
    [result] = asked(cloud, search, start=NOW - 7 * DAY_S)["MetricDataResults"]
    assert (len(result["Values"]), result["Values"][0]) == (7 * 1440, 100.0)
