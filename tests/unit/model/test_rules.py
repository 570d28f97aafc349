"""What a condition may say, and what it is refused for."""

import pytest
from pydantic import ValidationError

from watchbill.model.alert_expression import alert_names, holds
from watchbill.model.arithmetic import names_in
from watchbill.model.rules import Condition, Rule, RuleGroup, family, members, named

OF = {"source": "cloudwatch", "namespace": "shop", "metric": "errors", "window": "5m"}
OVER = {"comparison": ">", "threshold": 1}


def rule(alert="A", labels=None, **condition):
    return {"alert": alert, "condition": condition, "labels": labels or {}}


def composite(alert, expression):
    return rule(alert, type="composite", expression=expression)


def group(*rules, name="g"):
    return RuleGroup.model_validate({"name": name, "rules": rules})


def test_a_condition_without_a_type_is_a_threshold():
    assert isinstance(Rule.model_validate(rule(**OF, **OVER)).condition, Condition)


@pytest.mark.parametrize(("condition", "why"), [
    ({"type": "range", **OF, "lower": 3, "upper": 1}, "`lower` is above `upper`"),
    ({"type": "change", **OF, **OVER}, "offset"),
    ({"type": "expression", "inputs": {"a": OF}, "expression": "a / b", **OVER}, "names b, which is none of"),
    ({"type": "expression", "inputs": {"a": OF, "b": OF}, "expression": "a", **OVER}, "`inputs` b: is not used"),
    ({"type": "expression", "inputs": {"a": OF}, "expression": "a +", **OVER}, "`expression` is no arithmetic"),
    ({"type": "composite", "expression": "A & B"}, "is made of alerts, `and`, `or` and `not`, not of `A & B`"),
    ({"type": "composite", "expression": "not made"}, None),
    ({"type": "composite", "expression": ""}, "is not made of alerts"),
    ({"type": "sql", "query": "SELECT 1", "sources": "cloudwatch", "window": "5m", "threshold": 1}, "go together"),
    ({"type": "nonsense"}, "nonsense"),
])
def test_what_makes_no_sense_is_refused(condition, why):
    if why is None:
        Rule.model_validate(rule(**condition))
        return
    with pytest.raises(ValidationError, match=why):
        Rule.model_validate(rule(**condition))


def test_m_of_n_can_be_reached():
    of = {name: value for name, value in OF.items() if name != "window"}
    with pytest.raises(ValidationError, match="it could never fire"):
        Rule.model_validate(rule(type="datapoints", **of, period="1m", evaluation_periods=2, datapoints_to_alarm=3,
                                 **OVER))
    made = Rule.model_validate(rule(type="datapoints", **of, period="1m", evaluation_periods=3, **OVER))
    assert made.condition.least == 3


@pytest.mark.parametrize("text", [
    "__import__('os')", "a.b", "a[0]", "lambda: 1", "(1, 2)", "'text'", "True", "a if b else c", "a and b", "a < b",
    "f(a)",
    "abs()", "abs(a, a)", "max(a)", "abs(x=a)", "a @ b", "a // b", "~a", "(" * 500 + "a" + ")" * 500, "-" * 100 + "a",
    "+".join("a" * 200), "a" * 3000, "a; b", "a\x00b", "", "*a", "a := 1", "f'{a}'", "max(*a)",
])
def test_arithmetic_is_nothing_but_arithmetic(text):
    with pytest.raises(ValueError, match=r"^(is|knows|gives) "):
        names_in(text)


def test_arithmetic_names_its_operands():
    assert names_in("max(errors, 1) /\n requests ** 2 % -3") == {"errors", "requests"}


@pytest.mark.parametrize(("text", "true"), [
    ("A", True), ("not A", False), ("A and B", False), ("A or B", True), ("A and not (B or 'C d')", True),
    ("'C d' or B", False), ("A and\n A", True),
])
def test_alerts_are_combined_by_and_or_not(text, true):
    assert holds(text, {"A": True, "B": False, "C d": False}) is true


@pytest.mark.parametrize("text", [
    "A + B", "f(A)", "1", "A == B", "A.b", "not " * 100 + "A", "A B", "lambda: A", "A if B else C"])
def test_alerts_are_combined_by_nothing_else(text):
    with pytest.raises(ValueError, match=r"^is "):
        alert_names(text)


def test_a_composite_comes_after_all_that_it_is_composed_of():
    middle = composite("Middle", "A or 'other/B'")
    rules = named([group(composite("Top", "Middle and B"), middle, rule("A", **OF, **OVER)),
                   group(rule("B", **OF, **OVER), name="other")])
    assert family("g/Top", rules) == ["g/A", "other/B", "g/Middle", "g/Top"]
    assert members(rules["g/Top"][1], rules) == {"Middle": ["g/Middle"], "B": ["other/B"]}


def test_a_composite_of_itself_says_so():
    rules = named([group(composite("A", "B"), composite("B", "C or A"), rule("C", **OF, **OVER))])
    with pytest.raises(ValueError, match="is composed of itself: g/A of g/B of g/A"):
        family("g/A", rules)
