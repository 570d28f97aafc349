"""Matchers read, compared and written as Alertmanager's own tests have it."""

from collections.abc import Callable

import pytest

from tests.unit.alerts.cases import load
from watchbill.model.matcher_fields import is_classic_name, is_utf8_name
from watchbill.model.matcher_text import parse_classic, parse_matchers, parse_utf8
from watchbill.model.matchers import Matcher

pytestmark = pytest.mark.cases
Parse = Callable[[str], tuple[Matcher, ...]]


def _text(given: str | dict[str, str]) -> str:
    """Bytes that are not UTF-8 are given in hexadecimal, and reach us as lone surrogates."""
    return given if isinstance(given, str) else bytes.fromhex(given["bytes_hex"]).decode("utf-8", "surrogateescape")


def _read(parse: Parse, text: str) -> list[dict[str, str]] | None:
    try:
        return [{"name": m.name, "op": m.op, "value": m.value} for m in parse(text)]
    except ValueError:
        return None


def _one(parse: Parse) -> Parse:
    def parse_one(text: str) -> tuple[Matcher, ...]:
        found = parse(text)
        if len(found) != 1:
            raise ValueError(f"expected 1 matcher, found {len(found)}")
        return found
    return parse_one


@pytest.mark.parametrize(("table", "parse"), [
    ("classic_parse_matchers", parse_classic),
    ("utf8_parse_matchers", parse_utf8),
    ("utf8_parse_matcher", _one(parse_utf8)),
    ("fallback_parse_matchers", parse_matchers),
    ("fallback_parse_matcher", _one(parse_matchers)),
    ("compliance", parse_matchers),
])
def test_texts_are_read_as_alertmanager_reads_them(table: str, parse: Parse) -> None:
    for cases in load("matcher_cases.json"):
        for case in cases[table]:
            listed = [case["expected"]] if isinstance(case["expected"], dict) else case["expected"]
            expected = listed and [{**one, "value": _text(one["value"])} for one in listed]
            assert _read(parse, _text(case["input"])) == expected, case


def test_values_match_as_in_go() -> None:
    for cases in load("matcher_cases.json"):
        for case in cases["match_value"]:
            matcher = Matcher("name", case["op"], _text(case["pattern"]))
            assert matcher.matches_value(_text(case["value"])) == case["match"]


def test_matchers_are_written_as_in_go() -> None:
    for cases in load("matcher_cases.json"):
        for case in cases["to_string"]:
            assert str(Matcher(case["name"], case["op"], case["value"])) == case["string"]


def test_names_of_labels_are_told_apart_as_in_go() -> None:
    for cases in load("matcher_cases.json"):
        for table, known in (("label_name_classic", is_classic_name), ("label_name_utf8", is_utf8_name)):
            for case in cases[table]:
                assert known(_text(case["input"])) == case["expected"], case


@pytest.mark.parametrize("text", [
    "foo=bar\udcff", '{foo="\udcff"}', "\udcff=bar", '{"\udcff"="bar"}', '{foo="\\xff"}x',
])
def test_what_is_not_utf8_is_refused(text: str) -> None:
    for parse in (parse_classic, parse_utf8, parse_matchers):
        with pytest.raises(ValueError, match=r"."):
            parse(text)


def test_a_value_that_is_not_utf8_can_be_matched_all_the_same() -> None:
    assert Matcher("a", "=~", "x.y").matches_value("x\udcffy")
    assert not Matcher("a", "=~", "xy").matches_value("x\ud800y")


@pytest.mark.parametrize(("matcher", "text"), [
    (Matcher("a b", "!=", ":\x1c\u200b\U000e0001é\t"), r'"a b"!=":\x1c\u200b\U000e0001é\t"'),
    (Matcher("a", "!=", ":\x1c\t"), 'a!=":\x1c\t"'),
])
def test_a_name_in_quotes_is_written_with_a_value_in_gos_quotes(matcher: Matcher, text: str) -> None:
    assert str(matcher) == text
    assert parse_matchers(str(matcher)) == (matcher,)
