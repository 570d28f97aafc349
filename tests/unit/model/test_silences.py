"""Silences: how they are written, when they silence, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from watchbill.model.failures import WatchbillError
from watchbill.model.matchers import Matcher
from watchbill.model.silences import Silence, check_span, parse_matcher, parse_words

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def silence(**changes: object) -> Silence:
    given = {"matchers": (Matcher("a", "=", "b"),), "starts_at": NOW, "ends_at": NOW + HOUR, **changes}
    return Silence("1", author="me", comment="why", created_at=NOW, **given)  # type: ignore[arg-type]


def test_a_silence_begins_at_its_start_and_is_over_at_its_end() -> None:
    states = [silence().state(NOW + offset) for offset in (-HOUR / 60, timedelta(0), HOUR * 0.99, HOUR)]
    assert states == ["pending", "active", "active", "expired"]


def test_a_silence_that_was_ended_stays_over_though_the_clock_goes_back() -> None:
    assert silence(ends_at=NOW + HOUR / 2, expired_by="me").state(NOW) == "expired"


@pytest.mark.parametrize(("words", "matchers"), [
    (["Errors"], ['alertname="Errors"']),
    (["Errors", "service=checkout"], ['alertname="Errors"', 'service="checkout"']),
    (['service=~"a|b"', "team!~x.*", 'env!=""'], ['service=~"a|b"', 'team!~"x.*"', 'env!=""']),
    (["service=a,b"], ['service="a,b"']),
    (['"grün und"=x'], ['"grün und"="x"']),
    (["a=b", "absent="], ['a="b"', 'absent=""']),
])
def test_words_are_matchers_as_in_amtool(words: list[str], matchers: list[str]) -> None:
    assert [str(matcher) for matcher in parse_words(words)] == matchers


@pytest.mark.parametrize("words", [
    [], ["a="], ['a=~".*"'], ['a!="x"'], ['a=~"x|"', 'b!~"y"'],
])
def test_matchers_that_hold_for_everything_are_refused(words: list[str]) -> None:
    with pytest.raises(WatchbillError, match="at least one matcher must ask for a label that is there"):
        parse_words(words)


@pytest.mark.parametrize("word", ['a=~"["', "=b", 'a="x"y"', "a b", '"x=1'])
def test_a_matcher_that_cannot_be_read_is_refused(word: str) -> None:
    with pytest.raises(WatchbillError):
        parse_words(["x=y", word])


def test_an_expression_made_to_be_slow_is_not() -> None:
    matcher = parse_matcher('a=~"(a+)+b"')
    assert not matcher.matches({"a": "a" * 100_000})


@pytest.mark.parametrize(("starts", "ends", "says"), [
    (NOW, NOW, "must end after it starts"), (NOW + HOUR, NOW, "must end after it starts"),
    (NOW - 2 * HOUR, NOW - HOUR, "cannot end in the past"),
])
def test_a_span_that_would_never_silence_is_refused(starts: datetime, ends: datetime, says: str) -> None:
    with pytest.raises(WatchbillError, match=says):
        check_span(starts, ends, NOW)
