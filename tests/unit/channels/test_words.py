"""What an alert says, before it is written for a vendor."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.channels.made import NASTY, alert, notification
from watchbill.channels.words import as_json, clean, details, headline, message, shorten, shown, title
from watchbill.model.alerts import Alert


def test_control_characters_and_half_surrogates_go_and_letters_of_all_scripts_stay() -> None:
    assert clean("a\x00b\x1b[0m\u0085 \ud800 é مرحبا 👩‍👧\r\nc\td") == "ab[0m \ufffd é مرحبا 👩‍👧\nc\td"


def test_a_short_text_is_left_alone() -> None:
    assert shorten("all of it", 9) == "all of it"


def test_a_long_text_ends_in_an_ellipsis_within_the_limit() -> None:
    assert shorten("all of it", 5) == "all…"


def test_an_emoji_is_not_cut_in_front_of_what_belongs_to_it() -> None:
    assert shorten("ab👍🏽cd", 4) == "ab…"
    assert shorten("abe\u0301cd", 4) == "ab…"


@given(st.text(), st.integers(1, 50))
def test_no_text_is_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


@given(st.text(alphabet=st.characters()))
def test_whatever_is_cleaned_can_be_encoded(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    clean(text).encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (212, "212"),
        (0.5, "0.5"),
        (None, "null"),
        (True, "true"),
        (float("nan"), "nan"),
        ({"a": [1, "ü"]}, '{"a": [1, "ü"]}'),
        (datetime(2026, 1, 5, tzinfo=UTC), "2026-01-05 00:00:00+00:00"),
    ],
)
def test_text_is_shown_as_it_is_and_the_rest_as_json(value: object, text: str) -> None:
    assert shown(value) == text


def test_what_json_does_not_know_becomes_text_at_any_depth() -> None:
    assert as_json({1: (float("inf"), {"b": {2}})}) == {"1": ["inf", {"b": [2]}]}


def test_the_runbook_is_shown_with_the_metadata() -> None:
    made = alert(metadata={"value": 3}, runbook_url="https://example.com/runbook")
    assert details(made) == {"value": "3", "runbook": "https://example.com/runbook"}


def test_an_alert_without_a_summary_is_called_by_its_name() -> None:
    assert title(alert(title="")) == "HighErrorRate"


@pytest.mark.parametrize("text", NASTY)
def test_a_title_is_one_line_and_never_empty(text: str) -> None:
    assert title(alert(title=text))
    assert "\n" not in title(alert(title=text))


def test_the_headline_of_one_alert_is_its_own() -> None:
    assert headline(notification(alert())) == ("CRITICAL", "Checkout fails")


def test_the_headline_of_one_resolved_alert_says_so() -> None:
    assert headline(notification(alert(status="resolved"))) == ("RESOLVED", "Checkout fails")


def test_the_headline_of_several_counts_them_under_the_gravest_that_fires() -> None:
    some = notification(alert(severity="warning"), alert(severity="critical", status="resolved"))
    assert headline(some) == ("WARNING", "1 firing, 1 resolved: HighErrorRate service=checkout")


def test_the_headline_of_several_resolved_says_so() -> None:
    some = notification(alert(status="resolved"), alert(status="resolved"))
    assert headline(some) == ("RESOLVED", "2 resolved: HighErrorRate service=checkout")


def test_what_has_resolved_says_that_it_is_over_and_how_long_it_took() -> None:
    began = datetime(2026, 3, 2, 8, 24, tzinfo=UTC)
    one = Alert({"alertname": "A"}, began, status="resolved", ends_at=began + timedelta(minutes=3),
                annotations={"description": "343 errors a minute"})
    assert message(one) == "Over since 08:27 UTC, after 3m. While it fired: 343 errors a minute"
    assert message(replace(one, annotations={})) == "Over since 08:27 UTC, after 3m."


def test_the_runbook_comes_before_all_other_details() -> None:
    one = Alert({"alertname": "A"}, datetime(2026, 3, 2, tzinfo=UTC), metadata={"value": 1},
                annotations={"runbook_url": "https://runbooks.example.com/a"})
    assert list(details(one)) == ["runbook", "value"]


@pytest.mark.parametrize("mark", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_marks_that_turn_what_follows_are_left_out_and_letters_stay(mark: str) -> None:
    assert clean(f"{mark}مرحبا{mark} abc") == "مرحبا abc"
