"""RFC 7386, with the RFC's own table of cases, and that what leads from one document to another always arrives."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.model.merge_patch import apply, between

_LEAVES = (st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([-1.0, 0.5, 1.0, 3.0])
           | st.text(max_size=3))
_ANY = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4), max_leaves=12)
_NO_NULL_MEMBERS = st.recursive(
    _LEAVES.filter(lambda leaf: leaf is not None),
    lambda inner: st.lists(inner | _ANY, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12)

# tools.ietf.org/html/rfc7386#appendix-A
_RFC = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("document", "patch", "result"), _RFC)
def test_a_patch_is_applied_as_the_rfc_says(document: Any, patch: Any, result: Any) -> None:
    assert apply(patch, document) == result


@given(_ANY, _NO_NULL_MEMBERS)
def test_what_lies_between_two_documents_leads_from_one_to_the_other(old: Any, new: Any) -> None:
    assert repr(_sorted(apply(between(old, new), old))) == repr(_sorted(new))


@given(st.dictionaries(st.sampled_from("abcd"), _NO_NULL_MEMBERS))
def test_nothing_lies_between_a_document_and_itself(document: Any) -> None:
    assert between(document, document) == {}


@given(_ANY, _ANY)
def test_applying_leaves_the_document_as_it_was(patch: Any, document: Any) -> None:
    before = repr(document)
    apply(patch, document)
    assert repr(document) == before


def test_only_what_differs_is_written() -> None:
    old = {"type": "metric", "properties": {"view": "timeSeries", "period": 60, "stacked": False}}
    new = {"type": "metric", "properties": {"view": "timeSeries", "period": 300, "title": "CPU"}}

    assert between(old, new) == {"properties": {"period": 300, "title": "CPU", "stacked": None}}


def test_true_is_not_one_and_one_is_not_one_point_nought() -> None:
    assert between({"a": [1], "b": 1}, {"a": [True], "b": 1.0}) == {"a": [True], "b": 1.0}


def test_a_member_of_null_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="a is null"):
        between({}, {"b": {"a": None}})


def _sorted(value: Any) -> Any:
    """Members in an order of their own; repr tells True from 1."""
    if isinstance(value, dict):
        return sorted((key, _sorted(item)) for key, item in value.items())
    return [_sorted(item) for item in value] if isinstance(value, list) else value
