"""A question of Datadog's over logs in Logs Insights: the same question, and what it loses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.dashboards.convert.logs_filter import condition
from watchbill.dashboards.convert.logs_to_insights import insights
from watchbill.model.dashboards import DatadogLogs, Variable
from watchbill.model.languages.datadog_search import read_search

VARIABLES = {one.name: one for one in (
    Variable(name="env", dimension="env"), Variable(name="who", dimension="@usr.id", default=("me",)),
    Variable(name="scope"))}


def filtered(search: str) -> str:
    return condition(read_search(search), lambda name, at: f"{at or name} = ${name}")


def asked(**words: Any) -> tuple[str | None, list[str]]:
    found = insights(DatadogLogs(**words), ["/shop"], VARIABLES)
    return found.logs.query if found.logs else None, found.lost


@pytest.mark.parametrize(("search", "said"), [
    ("", ""),
    ("*", ""),
    ("service:web @status:500", 'service = "web" and status = 500'),
    ("service:web OR service:api", 'service = "web" or service = "api"'),
    ("a:b (c:d OR e:f)", 'a = "b" and (c = "d" or e = "f")'),
    ("@status:[200 TO 299]", "status >= 200 and status <= 299"),
    ("@status:{200 TO *]", "status > 200"),
    ("@status:(>=200 AND <400)", "status >= 200 and status < 400"),
    ("@took:>1.5", "took > 1.5"),
    ("-@status:>=500", "not ispresent(status) or status < 500"),
    ("-service:web", 'not ispresent(service) or service != "web"'),
    ("NOT (a:b OR c:d)", '(not ispresent(a) or a != "b") and (not ispresent(c) or c != "d")'),
    ("@path:*", "ispresent(path)"),
    ("-@path:*", "not ispresent(path)"),
    ("@path:/api/*", r"path like /^\/api\/.*$/"),
    ('@name:"a b"', 'name = "a b"'),
    (r'@name:"a \"b\""', r'name = "a \"b\""'),
    ("failed", "@message like /(?i)failed/"),
    ('"out of memory"', "@message like /(?i)out of memory/"),
    ("-deni*", "@message not like /(?i)deni/"),
    ("*:(*permissions OR denied*)", "@message like /(?i)permissions/ or @message like /(?i)denied/"),
    ("@x-y:a", '`x-y` = "a"'),
    ("@who:$who.value $env", "@who = $who and env = $env"),
    ("a:b a:b", 'a = "b"'),
])
def test_a_search_is_a_filter(search: str, said: str):
    assert filtered(search) == said


@pytest.mark.parametrize(("search", "told"), [
    ("@took:>1s", "compares @took with 1s"),
    ("source:a @source:b", "names both the tag source and the attribute @source"),
    ("a:(b", "has an open parenthesis"),
    ("a:b)", "cannot be read from"),
    ("name:web-$env", "puts a variable inside a word"),
    ("(" * 100 + "a", "is nested too deeply"),
])
def test_a_search_that_has_no_filter_says_why(search: str, told: str):
    with pytest.raises(ValueError, match="^" + told.replace("(", r"\(")):
        filtered(search)


@given(st.text('ab:@*?()[]<>="\\ -$.1TOR/', max_size=30))
def test_any_search_is_read_or_refused_with_a_value_error(search: str):
    try:
        condition(read_search(search), lambda name, at: f"{name}{at}")
    except ValueError:
        return


def test_a_list_shows_its_columns_newest_first():
    assert asked(query="service:web", columns=("timestamp", "host", "@http.url", "content")) == (
        'filter service = "web" | fields @timestamp, host, http.url, @message | sort @timestamp desc | limit 100', [])


def test_lines_are_counted_in_bins():
    assert asked(view="line", compute={"aggregation": "count", "interval": "1h"}) == (
        "stats count(*) as count by bin(1h)", [])


def test_a_top_list_is_sorted_and_limited():
    assert asked(query="service:web", view="bar", compute={"aggregation": "pc95", "metric": "@took"}, group_by={
        "facet": "@path", "limit": 5, "sort": {"aggregation": "pc95", "metric": "@took"}}) == (
        'filter service = "web" and ispresent(path) | stats pct(took, 95) as pc95_took by path'
        " | sort pc95_took desc | limit 5", [])


def test_a_variable_is_a_condition_until_it_has_a_default():
    assert asked(query="$env $who $scope", view="number") == (
        'filter (@env~@) and usr.id = "$who" | stats count(*) as count',
        ["does not follow $scope, which may be any tag"])


def test_what_a_pipeline_of_datadogs_adds_is_told():
    assert asked(view="pie", group_by={"facet": "@network.client.geoip.city"})[1] == [
        "needs geoip.* in the log itself: in Datadog a pipeline adds it"]


def test_without_log_groups_all_are_searched_as_all_indexes_are():
    found = insights(DatadogLogs(query="a:b"), (), VARIABLES)
    assert found.logs is not None
    assert found.logs.log_groups == ("*",)
    assert found.lost == []
    assert insights(DatadogLogs(query="a:b", indexes=("main",)), (), VARIABLES).lost == [
        "searches all logs, not the index main alone"]


@pytest.mark.parametrize(("words", "why"), [
    ({"source": "rum"}, "shows Datadog's rum, which CloudWatch does not have"),
    ({"view": "number", "compute": {"aggregation": "avg"}}, "its search computes avg of nothing"),
    ({"view": "number", "compute": {"aggregation": "most_frequent", "metric": "@a"}},
     "its search computes most_frequent, which Logs Insights does not"),
    ({"view": "line", "group_by": [{"facet": "a"}, {"facet": "b"}]},
     "its search draws lines for several facets: Logs Insights draws them for one"),
])
def test_what_cannot_be_asked_says_why(words: dict[str, Any], why: str):
    assert asked(**words) == (None, [why])
