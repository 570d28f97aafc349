import pytest

from watchbill.model.languages.metric_math import (
    Call,
    Name,
    Number,
    Operation,
    Several,
    Text,
    parse,
    walk,
)
from watchbill.model.languages.tokens import NotReadError


def test_products_bind_closer_than_sums_and_powers_closest() -> None:
    assert parse("m1+m2*2^3") == Operation(
        "+", Name("m1"), Operation("*", Name("m2"), Operation("^", Number(2), Number(3))))


def test_equal_operators_are_taken_from_the_left() -> None:
    assert parse("a - b - c") == Operation("-", Operation("-", Name("a"), Name("b")), Name("c"))


def test_a_sign_stands_before_a_whole_power() -> None:
    assert parse("-m1^2") == Operation("-", None, Operation("^", Name("m1"), Number(2)))


def test_functions_take_texts_lists_and_words() -> None:
    assert parse("SORT(search('x\\'y', \"z\"), MAX, DESC)") == Call("SORT", (
        Call("SEARCH", (Text("x'y"), Text("z"))), Name("MAX"), Name("DESC")))
    assert parse("SUM([m1, -m2])") == Call("SUM", (Several((Name("m1"), Operation("-", None, Name("m2")))),))


def test_comparisons_stand_below_and_and_or() -> None:
    assert parse("m1 > 3 && m2 <= 4 OR m3") == Operation("OR", Operation(
        "AND", Operation(">", Name("m1"), Number(3)), Operation("<=", Name("m2"), Number(4))), Name("m3"))


def test_a_walk_meets_every_node_once() -> None:
    assert [node.id for node in walk(parse("IF(a, [b, c], d/e)")) if isinstance(node, Name)] == list("abcde")


@pytest.mark.parametrize("text", ["", "m1 +", "m1 m2", "(m1", "SUM(m1", "[m1", "m1 ~ 2", "'open", "(" * 50 + "1"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(NotReadError):
        parse(text)
