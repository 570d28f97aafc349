"""What each type of condition says of the same few points."""

from dataclasses import replace
from math import isnan

import pyarrow as pa
import pytest

from tests.unit.rules.points import a_rule, a_series, ago, points, streams, told
from watchbill.model.failures import RuleError
from watchbill.rules.arithmetic import evaluate
from watchbill.rules.describe import render
from watchbill.rules.judge import Reading
from watchbill.rules.rows import MOST_ROWS, judge_rows

CHECKOUT, SEARCH = a_series(service="checkout"), a_series(service="search")
NAN, INF = float("nan"), float("inf")
OF = {"source": "cloudwatch", "namespace": "shop", "statistic": "Sum", "window": "5m", "aggregate": "sum"}


def minutes(series, *values):
    """One value a minute, up to now; None: no point."""
    stamps = (ago(minutes=len(values) - place) for place in range(len(values)))
    return [(series, at, value) for at, value in zip(stamps, values, strict=True) if value is not None]


@pytest.mark.parametrize(("how", "values", "expected"), [
    ("delta", (3.0, 9.0, 7.0), 4.0), ("delta", (3.0,), None), ("increase", (3.0, 9.0, 7.0, 8.0), 14.0),
    ("rate", (0.0, 60.0), 1.0), ("rate", (100.0, 60.0), 1.0), ("stddev", (2.0, 4.0), 1.0), ("rate", (), None),
    ("increase", (NAN, 1.0), NAN),
])
def test_change_within_the_window_as_promql_has_it(how, values, expected):
    [(value, _)] = told(a_rule({"aggregate": how}), points(*minutes(CHECKOUT, *values)), [CHECKOUT]).values()
    assert value == pytest.approx(expected, nan_ok=True)


def test_a_counter_of_one_series_does_not_fall_because_another_begins_lower():
    rows = points(*minutes(CHECKOUT, 5.0, 9.0), *minutes(SEARCH, 1.0, 2.0))
    assert told(a_rule({"aggregate": "increase"}), rows, [CHECKOUT, SEARCH]) == {
        "checkout": (4.0, False), "search": (1.0, False)}


def test_an_offset_judges_what_was_then():
    rows = points(*minutes(CHECKOUT, 1.0), (CHECKOUT, ago(days=1, minutes=1), 500.0))
    assert told(a_rule({"offset": "1d"}), rows, [CHECKOUT]) == {"checkout": (500.0, True)}


@pytest.mark.parametrize(("change", "now", "before", "expected"), [
    ("percent", 150.0, 100.0, (50.0, True)), ("percent", 100.0, 100.0, (0.0, False)),
    ("difference", 150.0, 100.0, (50.0, True)), ("percent", -150.0, -100.0, (-50.0, False)),
    ("percent", 5.0, 0.0, (INF, True)), ("percent", 5.0, None, (None, None)), ("percent", None, 5.0, (None, None)),
])
def test_a_change_since_the_same_time_a_day_before(change, now, before, expected):
    rule = a_rule({"type": "change", "offset": "1d", "change": change, "window": "5m", "comparison": ">",
                   "threshold": 20})
    then = [(CHECKOUT, ago(days=1, minutes=1), before)] if before is not None else []
    assert told(rule, points(*minutes(CHECKOUT, now), *then), [CHECKOUT]) == {"checkout": expected}


def test_nothing_by_nothing_is_no_number_and_breaches_nothing():
    rule = a_rule({"type": "change", "offset": "1d", "window": "5m", "comparison": ">", "threshold": 20})
    rows = points(*minutes(CHECKOUT, 0.0), (CHECKOUT, ago(days=1, minutes=1), 0.0))
    [(value, breached)] = told(rule, rows, [CHECKOUT]).values()
    assert (isnan(value), breached) == (True, False)


@pytest.mark.parametrize(("where", "breaching"), [("inside", {1.0, 2.0, 3.0}), ("outside", {0.5, 3.5})])
def test_a_range_has_both_its_ends(where, breaching):
    rule = a_rule({"type": "range", "range": where, "lower": 1, "upper": 3, "window": "5m"})
    found = {value for value in (0.5, 1.0, 2.0, 3.0, 3.5, NAN)
             if told(rule, points(*minutes(CHECKOUT, value)), [CHECKOUT])["checkout"][1]}
    assert found == breaching
    assert told(rule, points(), [CHECKOUT]) == {"checkout": (None, None)}


def datapoints(policy="missing", **changes):
    return a_rule({"type": "datapoints", "period": "1m", "evaluation_periods": 3, "datapoints_to_alarm": 2,
                   "comparison": ">", "threshold": 10, **changes}, treat_missing_data=policy)


@pytest.mark.parametrize(("values", "expected"), [
    ((99.0, 1.0, 99.0), (99.0, True)), ((99.0, 1.0, 1.0), (1.0, False)), ((99.0, None, None), (99.0, True)),
    ((99.0, 99.0, 1.0, 1.0, 1.0), (1.0, False)), ((99.0, 99.0, None, 1.0, None), (1.0, True)), ((), (None, None)),
])
def test_m_of_n_points(values, expected):
    assert told(datapoints(), points(*minutes(CHECKOUT, *values)), [CHECKOUT]) == {"checkout": expected}


def test_what_is_kept_under_ignore_is_missing_although_a_point_is_there():
    assert told(datapoints("ignore"), points(*minutes(CHECKOUT, 99.0)), [CHECKOUT]) == {"checkout": (99.0, None)}
    assert told(datapoints("breaching"), points(), [CHECKOUT]) == {"checkout": (None, True)}


def test_absence_is_of_each_series_that_was_there():
    rule = a_rule({"type": "absence", "window": "5m"})
    rows = points(*minutes(CHECKOUT, 1.0), (SEARCH, ago(hours=3), 1.0))
    old = a_series(service="gone")
    assert told(rule, rows, [CHECKOUT, SEARCH, old]) == {
        "checkout": (1.0, False), "search": (0.0, True), "gone": (None, None)}


@pytest.mark.parametrize("series", [[], [CHECKOUT]])
def test_absence_of_all_is_one_alert(series):
    rule = a_rule({"type": "absence", "window": "5m", "dimensions": {"service": "*", "zone": "a"}})
    assert told(rule, points(), series) == {"a": (0.0, True)}


def ratio(**changes):
    inputs = {"errors": {**OF, "metric": "errors"}, "requests": {**OF, "metric": "requests"}}
    return a_rule({"type": "expression", "inputs": inputs, "expression": "errors / requests * 100", "comparison": ">",
                   "threshold": 5, **changes})


def requests(**labels):
    return a_series(metric="requests", **labels)


def test_a_ratio_is_taken_for_each_label_set_that_both_sides_have():
    rows = points(*minutes(CHECKOUT, 6.0), *minutes(requests(service="checkout"), 60.0, 40.0), *minutes(SEARCH, 1.0),
                  *minutes(requests(service="catalog"), 9.0))
    series = [CHECKOUT, SEARCH, requests(service="checkout"), requests(service="catalog")]
    assert told(ratio(), rows, series) == {"checkout": (6.0, True)}


def test_labels_are_matched_on_those_that_are_named_and_series_combined():
    a, b = (requests(service="checkout", zone=zone) for zone in "ab")
    rows = points(*minutes(CHECKOUT, 6.0), *minutes(a, 60.0), *minutes(b, 40.0))
    several = ratio(on="service")
    with pytest.raises(RuleError, match="input requests has several series for service=checkout"):
        told(several, rows, [CHECKOUT, a, b])
    inputs = {"errors": {**OF, "metric": "errors"}, "requests": {**OF, "metric": "requests", "combine": "sum"}}
    assert told(ratio(on="service", inputs=inputs), rows, [CHECKOUT, a, b]) == {"checkout": (6.0, True)}
    assert told(ratio(on="service", inputs=inputs), rows, []) == {}


def test_an_operand_without_points_is_missing_data_or_its_default():
    series = [CHECKOUT, requests(service="checkout")]
    rows = points(*minutes(requests(service="checkout"), 60.0))
    assert told(ratio(), rows, series) == {"checkout": (None, None)}
    inputs = {"errors": {**OF, "metric": "errors", "default": 0}, "requests": {**OF, "metric": "requests"}}
    assert told(ratio(inputs=inputs), rows, series) == {"checkout": (0.0, False)}


def test_sources_are_compared_with_each_other():
    inputs = {"ours": {**OF, "metric": "errors"}, "theirs": {**OF, "source": "datadog", "metric": "errors"}}
    theirs = type(CHECKOUT)("datadog", "default", "datadoghq.eu", "shop", "errors", "Sum", 60, CHECKOUT.dimensions)
    rows = points(*minutes(CHECKOUT, 6.0), *minutes(theirs, 60.0))
    rule = ratio(inputs=inputs, expression="abs(ours - theirs)")
    assert told(rule, rows, [CHECKOUT, theirs]) == {"checkout": (54.0, True)}


@pytest.mark.parametrize(("text", "expected"), [
    ("a / b", [INF, 2.0, None]), ("-a + 2 * b", [-1.0, 0.0, None]), ("(a - a) / b", [NAN, 0.0, None]),
    ("max(a, b, 1.5)", [1.5, 4.0, None]), ("min(a, b)", [0.0, 2.0, None]), ("a ** 2 % 3", [1.0, 1.0, None]),
    ("sqrt(b - 1)", [NAN, 1.0, 0.0]), ("1", [1.0] * 3), ("1 / 0", [INF] * 3), ("ln(b)", [-INF, 0.6931, 0.0]),
    ("10 ** 400 - 10 ** 400", [NAN] * 3), ("round(a / 3) + floor(b) + ceil(b)", [0.0, 5.0, None]),
])
def test_arithmetic_is_that_of_floating_point_numbers(text, expected):
    columns = {"a": pa.array([1.0, 4.0, None]), "b": pa.array([0.0, 2.0, 1.0])}
    assert evaluate(text, columns, 3).to_pylist() == [
        one if one is None else pytest.approx(one, nan_ok=True, abs=1e-4) for one in expected]


def sql(**changes):
    return a_rule({"type": "sql", "query": "SELECT 1", "sources": "cloudwatch", "window": "5m", **changes}).condition


def of_rows(condition, **columns):
    found = judge_rows(condition, pa.table(columns))
    sets, breached = found.values.streams, found.values.where(found.breached)
    return [(labels, value, None if name in found.values.missing else name in breached)
            for labels, value, name in zip(sets.labels, found.values.numbers, sets.names, strict=True)]


def test_rows_of_a_query_are_label_sets_with_a_value():
    compared = sql(comparison=">", threshold=5)
    assert of_rows(compared, service=["a", "b", None], n=[1, 2, 3], value=[4, 6, None]) == [
        ({"service": "a", "n": "1"}, 4.0, False), ({"service": "b", "n": "2"}, 6.0, True), ({"n": "3"}, None, None)]
    assert of_rows(sql(), service=["a"]) == [({"service": "a"}, 1.0, True)]
    assert of_rows(sql(), value=pa.array([], pa.int64())) == []


@pytest.mark.parametrize(("columns", "why"), [
    ({"value": ["many"]}, "`value` of the query is string, not a number"),
    ({"service": ["a", "a"], "value": [1, 2]}, "several rows for the same labels"),
    ({"service": list(range(MOST_ROWS + 1))}, "10,001 rows"),
])
def test_rows_that_are_no_alerts_are_refused(columns, why):
    with pytest.raises(RuleError, match=why):
        judge_rows(sql(), pa.table(columns))


def test_what_was_judged_is_told_in_words():
    told = {name: render(rule, Reading({}, 1.0, None)).metadata["condition"] for name, rule in {
        "change": a_rule({"type": "change", "offset": "1w", "window": "1h", "aggregate": "avg", "comparison": "<",
                          "threshold": -50}),
        "range": a_rule({"type": "range", "lower": 1, "upper": 3, "window": "5m"}),
        "datapoints": datapoints(),
        "absence": a_rule({"type": "absence", "window": "5m"}),
        "expression": ratio(),
        "composite": a_rule({"type": "composite", "expression": "A and\n not B"}),
        "sql": a_rule({"type": "sql", "query": "SELECT 1", "sources": "cloudwatch", "window": "5m"}),
    }.items()}
    assert told == {
        "change": "change of avg shop errors Sum over 1h since 7d ago < -50 %",
        "range": "last shop errors Sum over 5m outside 1 to 3",
        "datapoints": "2 of 3 points of shop errors Sum every 1m > 10",
        "absence": "no point of shop errors Sum for 5m",
        "expression": "errors / requests * 100 > 5",
        "composite": "A and not B",
        "sql": "sql over 5m",
    }


def test_a_series_whose_unit_changes_is_the_same_series():
    rows = points(*minutes(CHECKOUT, 200.0))
    other = replace(CHECKOUT, unit="Percent")
    assert told(a_rule(), rows, [other]) == told(a_rule(), rows, [CHECKOUT])
    assert streams(a_rule(), other).names == streams(a_rule(), CHECKOUT).names
