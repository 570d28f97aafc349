"""Matchers read, compared and written as Alertmanager's own tests have it."""

from collections.abc import Callable

import pytest

from tests.unit.alerts.cases import load
from watchbill.model.matcher_text import parse_classic, parse_matchers, parse_utf8
from watchbill.model.matchers import Matcher

pytestmark = pytest.mark.cases
Parse = Callable[[str], tuple[Matcher, ...]]


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
            expected = [case["expected"]] if isinstance(case["expected"], dict) else case["expected"]
            assert _read(parse, case["input"]) == expected, case


def test_values_match_as_in_go() -> None:
    for cases in load("matcher_cases.json"):
        for case in cases["match_value"]:
            assert Matcher("name", case["op"], case["pattern"]).matches_value(case["value"]) == case["match"]


def test_matchers_are_written_as_in_go() -> None:
    for cases in load("matcher_cases.json"):
        for case in cases["to_string"]:
            assert str(Matcher(case["name"], case["op"], case["value"])) == case["string"]
