"""Whose a dashboard is, by what it says itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.dashboards.ownership import cloudwatch_id, cloudwatch_name, marked, owned, unmarked

IDS = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)


@given(st.text(max_size=40).filter(lambda text: unmarked(text) == text), IDS)
def test_the_mark_comes_and_goes_and_leaves_what_a_person_wrote(text: str, dashboard: str) -> None:
    ours = marked(text, "watchbill", dashboard)
    assert (owned(ours, "watchbill"), owned(ours, "staging")) == (dashboard, None)
    assert unmarked(ours) == text
    assert marked(ours, "watchbill", dashboard) == ours


@pytest.mark.parametrize(("description", "found"), [
    (None, None), ("", None), ("[watchbill:shop] and more", None), ("[watchbill:shop]", "shop"),
    ("Text\n\n[watchbill:shop]  \n", "shop"), ("[watchbill:]", None), ("[kennel:shop]", None),
])
def test_the_mark_ends_the_description(description: str | None, found: str | None) -> None:
    assert owned(description, "watchbill") == found


@pytest.mark.parametrize("text", ["See [runbook:db]", "Text\n\n[team:shop]", "[watchbill:shop]"])
def test_brackets_that_a_person_wrote_stay(text: str) -> None:
    assert unmarked(text) == text
    assert unmarked(marked(text, "watchbill", "shop")) == text


def test_another_owners_mark_is_replaced_and_not_added_to() -> None:
    assert marked(marked("Text", "staging", "shop"), "watchbill", "shop") == marked("Text", "watchbill", "shop")


def test_a_name_in_cloudwatch_says_whose_it_is() -> None:
    assert cloudwatch_name("watchbill", "shop") == "watchbill-shop"


def test_names_of_owners_never_overlap() -> None:
    assert cloudwatch_id("watchbill", cloudwatch_name("watchbill", "a-b")) == "a-b"
    assert cloudwatch_id("watchbill", cloudwatch_name("watchbill_two", "a")) is None
