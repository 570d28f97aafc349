"""Queries become MetricDataQueries, and labels series."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.model.series import EXPRESSION, Series
from watchbill.sources.cloudwatch.questions import grouped, questions, written
from watchbill.sources.cloudwatch.renaming import renamed
from watchbill.sources.request import Query


def series(metric: str = "errors", statistic: str = "Sum", **dimensions: str) -> Series:
    return Series("cloudwatch", "111122223333", "eu-west-1", "shop", metric, statistic, 60, tuple(dimensions.items()))


RATE = series("error rate", EXPRESSION)


def test_a_metric_is_asked_for_by_its_name() -> None:
    assert questions("m0", Query("shop", series(service="checkout"))) == [{
        "Id": "m0",
        "MetricStat": {
            "Metric": {"Namespace": "shop", "MetricName": "errors",
                       "Dimensions": [{"Name": "service", "Value": "checkout"}]},
            "Period": 60, "Stat": "Sum"},
        "ReturnData": True,
    }]


def test_a_metric_of_a_linked_account_names_the_account() -> None:
    assert questions("m0", Query("shop", series(), linked=True))[0]["AccountId"] == "111122223333"


TEXTS = st.text() | st.sampled_from(['[]', '"Dimensions":[]', '{"Id":"', "\\"])


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=3), st.booleans()), max_size=5))
def test_metrics_are_written_as_they_are_asked_for(asked: list[tuple[str, str, str, dict[str, str], bool]]) -> None:
    """Whatever they have in common, and though CloudWatch would take few of these names."""
    asking = {f"m{number}": Query("shop", Series("cloudwatch", account, "eu-west-1", "shop", metric, statistic, 60,
                                                 tuple(dimensions.items())), linked=linked)
              for number, (account, metric, statistic, dimensions, linked) in enumerate(asked)}
    wanted = [each for name, query in asking.items() for each in questions(name, query)]
    assert [json.loads(each) for each in written(asking)] == wanted


def test_an_expression_brings_what_it_computes_with_hidden_and_under_names_of_its_own() -> None:
    query = Query("shop", RATE, "100 * errors / all", queries=(
        ("errors", series()), ("all", "FILL(requests, 1)"), ("requests", series("requests"))))
    assert questions("m7", query) == [
        {"Id": "m7", "Expression": "100 * m7_errors / m7_all", "Period": 60, "ReturnData": True},
        {"Id": "m7_errors", "MetricStat": {
            "Metric": {"Namespace": "shop", "MetricName": "errors", "Dimensions": []}, "Period": 60, "Stat": "Sum"},
         "ReturnData": False},
        {"Id": "m7_all", "Expression": "FILL(m7_requests, 1)", "Period": 60, "ReturnData": False},
        {"Id": "m7_requests", "MetricStat": {
            "Metric": {"Namespace": "shop", "MetricName": "requests", "Dimensions": []}, "Period": 60, "Stat": "Sum"},
         "ReturnData": False},
    ]


def test_dimensions_that_only_the_answer_tells_are_asked_for_in_the_label() -> None:
    query = Query("shop", RATE, "SEARCH('{shop,service,zone} errors', 'Sum', 60)", ("zone", "service"))
    assert questions("m0", query) == [
        {"Id": "m0", "Expression": query.text, "Period": 60, "ReturnData": True,
         "Label": "␟${PROP('Dim.zone')}␟${PROP('Dim.service')}␟"}]


@pytest.mark.parametrize("name", ["it's", "a}b", "${x"])
def test_a_dimension_that_no_label_can_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot put the dimension"):
        questions("m0", Query("shop", RATE, "SEARCH('x', 'Sum', 60)", (name,)))


@pytest.mark.parametrize(("text", "wanted"), [
    ("a+b", "m1_a+m1_b"),
    ("a / ab - b2", "m1_a / ab - b2"),
    ("IF(a > 1, 'a', \"b\")", "IF(m1_a > 1, 'a', \"b\")"),
    (r"SEARCH('a=\'a\' a', 'Sum', 60) + a", r"SEARCH('a=\'a\' a', 'Sum', 60) + m1_a"),
    ("SUM(METRICS())", "SUM([m1_a,m1_b])"),
    ("SUM(METRICS('b'))", "SUM([m1_b])"),
    ('AVG(METRICS( "x" ))', "AVG([])"),
    ("A + a.b + 2a + a1", "A + m1_a.b + 2a + a1"),
    ("SELECT AVG(a) FROM b", "SELECT AVG(a) FROM b"),
    ("[a, c]", "[m1_a, m1_c]"),
])
def test_names_are_replaced_as_whole_words_outside_of_quotes(text: str, wanted: str) -> None:
    ids = {name: f"m1_{name}" for name in "abc"}
    assert renamed(text, ids, {"a": series(), "b": series(), "c": "a + b"}) == wanted


SEARCH = Query("shop", series("rate", EXPRESSION, env="prod"), "SEARCH('x', 'Sum', 60)", ("service", "zone"))


def test_a_label_names_the_dimensions_in_the_order_in_which_they_were_asked_for() -> None:
    assert grouped(SEARCH, "␟check out|&|␟eu,a␟") == series("rate", EXPRESSION, env="prod", service="check out|&|",
                                                             zone="eu,a")


@pytest.mark.parametrize("label", ["", "checkout", "␟checkout␟", "␟checkout␟␟", "␟a␟b␟c␟",
                                   "␟${PROP('Dim.service')}␟a␟"])
def test_a_label_without_one_of_the_dimensions_names_nothing(label: str) -> None:
    assert grouped(SEARCH, label) is None


def test_the_plain_label_of_a_select_with_one_group_is_its_value() -> None:
    select = Query("shop", RATE, "SELECT SUM(errors) FROM shop GROUP BY service", ("service",))
    assert grouped(select, "checkout") == grouped(select, "␟checkout␟") == series(
        "error rate", EXPRESSION, service="checkout")
    assert grouped(Query("shop", RATE, "SELECT SUM(errors) FROM shop GROUP BY a, b", ("a", "b")), "x y") is None
