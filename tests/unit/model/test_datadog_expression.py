"""Datadog's queries and formulas as trees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.model.languages.datadog_expression import (
    Binary,
    Call,
    Modifier,
    Name,
    Negative,
    Number,
    Selection,
    Text,
    leaves,
    read,
    read_list,
)
from watchbill.model.languages.datadog_scope import Filter, read_scope


def test_a_metric_is_read_with_its_scope_groups_and_modifiers():
    text = "avg:system.cpu.user{env:prod,!host:a,$scope} by {host, device}.rollup(avg, 60).as_count()"
    assert read(text) == Selection(
        "avg", "system.cpu.user", "env:prod,!host:a,$scope", ("host", "device"),
        (Modifier("rollup", ("avg", "60")), Modifier("as_count")))


def test_an_older_widget_holds_a_list_of_arithmetic_and_functions():
    assert read_list("top(sum:a{*} by {b}.as_count(), 10, 'mean', \"desc\"), -100 * week_before(avg:c{*}) / 2e3") == (
        Call("top", (Selection("sum", "a", "*", ("b",), (Modifier("as_count"),)),
                     Number("10"), Text("mean"), Text("desc"))),
        Binary("/", Binary("*", Negative(Number("100")), Call("week_before", (Selection("avg", "c", "*"),))),
               Number("2e3")))


def test_products_bind_before_sums_and_both_from_the_left():
    assert read("a - b - c * (d + 1)") == Binary(
        "-", Binary("-", Name("a"), Name("b")), Binary("*", Name("c"), Binary("+", Name("d"), Number("1"))))


def test_functions_may_have_modifiers_of_their_own():
    assert read("cumsum(avg:a{*}).rollup(max)") == Call("cumsum", (Selection("avg", "a", "*"),),
                                                         (Modifier("rollup", ("max",)),))


def test_the_leaves_stand_from_left_to_right():
    assert list(leaves(read("-a / f(b, 'x') + 1"))) == [Name("a"), Name("b"), Text("x"), Number("1")]


@pytest.mark.parametrize(("text", "told"), [
    ("", "ends too early"),
    ("avg:a{*} avg:b{*}", "cannot be read from 'avg:b{*}' on"),
    ("a +", "ends too early"),
    ("(a", "ends too early"),
    ("a, b", "is a list of several queries"),
    ("(" * 100 + "a", "is nested too deeply"),
    ("a" * 30_000, "is longer than 20000 characters"),
    ("tags:$env deploy", "cannot be read from ':$env deploy' on"),
])
def test_what_cannot_be_read_is_told_with_its_place(text: str, told: str):
    with pytest.raises(ValueError, match="^" + told.replace("(", r"\(").replace("*", r"\*").replace("$", r"\$")):
        read(text)


@given(st.text("ab1.:{}()*,'\" +-/$!", max_size=40))
def test_any_text_is_read_or_refused_with_a_value_error(text: str):
    try:
        trees = read_list(text)
    except ValueError:
        return
    for leaf in (leaf for tree in trees for leaf in leaves(tree)):
        if isinstance(leaf, Selection):
            try:
                assert leaf.scope is not None
            except ValueError:
                continue


@pytest.mark.parametrize(("text", "filters"), [
    ("*", ()),
    ("", ()),
    ("env:prod,!host:a,$scope", (Filter("env", ("prod",)), Filter("host", ("a",), True), Filter("", ("$scope",)))),
    ("endpoint:$url.value,!$not", (Filter("endpoint", ("$url",)), Filter("", ("$not",), True))),
    ("(entry NOT IN (websocket,webhook)) AND $api",
     (Filter("entry", ("websocket", "webhook"), True), Filter("", ("$api",)))),
    ("(env:a OR env:b*) AND NOT host:c", (Filter("env", ("a", "b*")), Filter("host", ("c",), True))),
    ("env IN (a, b),alone", (Filter("env", ("a", "b")), Filter("alone", ()))),
    ("service::25984,device:/opt/data", (Filter("service", (":25984",)), Filter("device", ("/opt/data",)))),
])
def test_a_scope_is_a_list_of_conditions_that_all_hold(text: str, filters: tuple[Filter, ...]):
    assert read_scope(text) == filters


@pytest.mark.parametrize("text", ["a:b OR c:d", "NOT (a:b,c:d)", "(a:b", "a IN b", "a:b OR NOT a:c", "a:b)",
                                  "a:b,c:d OR c:e", "c:d OR c:e AND a:b"])
def test_a_scope_that_is_no_list_is_refused(text: str):
    with pytest.raises(ValueError, match=r"has|cannot"):
        read_scope(text)
