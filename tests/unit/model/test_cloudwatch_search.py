import pytest

from watchbill.model.languages.cloudwatch_search import Match, Search, parse
from watchbill.model.languages.tokens import NotReadError


def test_a_search_says_the_schema_the_metric_and_the_values() -> None:
    assert parse('{AWS/EC2, "Instance Id",Zone} MetricName="CPUUtilization" Zone="eu-west-1a"') == Search(
        "AWS/EC2", ("Instance Id", "Zone"), Match(("CPUUtilization",), exact=True),
        (("Zone", Match(("eu-west-1a",), exact=True)),))


def test_words_without_quotes_match_in_part() -> None:
    assert parse("{shop,service} MetricName=errors service=check AND slow") == Search(
        "shop", ("service",), Match(("errors",), exact=False), (("service", Match(("check",), exact=False)),),
        (Match(("slow",), exact=False),))


def test_values_may_be_several_and_may_be_refused() -> None:
    assert parse('{shop,service,host} NOT service=("a" OR "b") NOT host="c" MetricName="errors"') == Search(
        "shop", ("service", "host"), Match(("errors",), exact=True),
        (("service", Match(("a", "b"), exact=True, is_not=True)), ("host", Match(("c",), exact=True, is_not=True))))


def test_namespace_is_a_dimension_where_the_schema_has_one_of_that_name() -> None:
    found = parse('{ContainerInsights,Namespace} Namespace="web"')
    assert found.matches == (("Namespace", Match(("web",), exact=True)),)
    assert parse('{shop,service} Namespace="shop"').matches == ()


@pytest.mark.parametrize("text", [
    "CPUUtilization", "{}", '{shop,service} MetricName="a" OR MetricName="b"', '{shop,service} other="a"',
    '{shop,service} Namespace="web"', '{shop} MetricName="a" MetricName="b"', '{shop} ("a" AND "b")', '{shop} "a',
])
def test_what_no_one_metric_says_is_refused(text: str) -> None:
    with pytest.raises(NotReadError):
        parse(text)
