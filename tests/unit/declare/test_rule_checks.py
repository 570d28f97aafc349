"""`check` on each type of condition: what is wrong, with its line and what helps."""

from textwrap import dedent, indent

import pytest

from tests.unit.declare.folder import Include

RULES = "rules/more.yaml"
OF = "source: cloudwatch\nnamespace: shop\nmetric: errors\nstatistic: Sum\n"


def condition(include: Include, text: str) -> list[str]:
    """What is told of a rule with this condition, which begins in line 5."""
    body = indent(dedent(text), " " * 10)
    include.write(RULES, f"groups:\n  - name: more\n    rules:\n      - alert: More\n        condition:\n{body}\n")
    return [one.partition(f"{RULES}:")[2] for one in include.told() if RULES in one]


@pytest.mark.parametrize("text", [
    OF + "type: change\noffset: 1w\nwindow: 5m\nchange: percent\ncomparison: '<'\nthreshold: -50",
    OF + "type: range\nwindow: 5m\nrange: outside\nlower: 1\nupper: 5",
    OF + "type: datapoints\nperiod: 1m\nevaluation_periods: 5\ndatapoints_to_alarm: 3\ncomparison: '>'\nthreshold: 1",
    OF + "type: absence\nwindow: 15m",
    f"type: expression\ninputs:\n  errors:\n{indent(OF, '    ')}    window: 5m\nexpression: errors / 60\n"
    "comparison: '>'\nthreshold: 1",
    "type: composite\nexpression: HighErrorRate",
    "type: sql\nsources: cloudwatch\nwindow: 5m\nquery: SELECT dimensions['service'] AS service, avg(value) AS value "
    "FROM points GROUP BY ALL\ncomparison: '>'\nthreshold: 1",
])
def test_each_type_can_be_said(include: Include, text: str) -> None:
    assert condition(include, text) == []


@pytest.mark.parametrize(("text", "told"), [
    (OF + "type: rangs\nwindow: 5m",
     "10: groups[0].rules[0].condition.type: `rangs` is not allowed (did you mean `range`? allowed: threshold, change, "
     "range, datapoints, absence, expression, composite, sql)"),
    (OF + "type: range\nwindow: 5m\nlower: 5\nupper: 1",
     "12: groups[0].rules[0].condition.lower: `lower` is above `upper`: no value lies between them"),
    (OF.replace("errors", "erors") + "type: absence\nwindow: 15m",
     "8: groups[0].rules[0].condition.metric: no entry of metrics/ collects shop/erors from cloudwatch "
     "(did you mean shop/errors?)"),
    (f"type: expression\ninputs:\n  a:\n{indent(OF.replace('errors', 'erors'), '    ')}    window: 5m\nexpression: a\n"
     "comparison: '>'\nthreshold: 1",
     "11: groups[0].rules[0].condition.inputs.a.metric: no entry of metrics/ collects shop/erors from cloudwatch "
     "(did you mean shop/errors?)"),
    (f"type: expression\ninputs:\n  a:\n{indent(OF, '    ')}    window: 5m\nexpression: a / b\n"
     "comparison: '>'\nthreshold: 1",
     "14: groups[0].rules[0].condition.expression: `expression` names b, which is none of its inputs"),
    ("type: composite\nexpression: HighErorRate",
     "7: groups[0].rules[0].condition.expression: no rule is called `HighErorRate` (did you mean HighErrorRate?)"),
    ("type: composite\nexpression: HighErrorRate or More",
     "7: groups[0].rules[0].condition.expression: is composed of itself: more/More of more/More "
     "(take one of them out)"),
    ("type: sql\nsources: cloudwatch\nwindow: 5m\nquery: SELEC 1",
     '9: groups[0].rules[0].condition.query: Parser Error: syntax error at or near "SELEC"'),
    ("type: sql\nsources: cloudwatch\nwindow: 5m\nquery: SELECT 1 AS valu\ncomparison: '>'\nthreshold: 1",
     "9: groups[0].rules[0].condition.query: selects no column `value` to compare "
     "(name what is compared: SELECT …, avg(value) AS value)"),
    ("type: sql\nsources: cloudwatch\nwindow: 5m\nquery: DROP TABLE points",
     "9: groups[0].rules[0].condition.query: is not one SELECT (the lake is only read)"),
])
def test_what_is_wrong_is_told_at_its_line(include: Include, text: str, told: str) -> None:
    assert condition(include, text) == [told]


def test_a_query_of_what_is_not_there_is_told_by_name(include: Include) -> None:
    begun = "type: sql\nsources: cloudwatch\nwindow: 5m\nquery: "
    [told] = condition(include, begun + "SELECT valeu AS value FROM points")
    assert 'Referenced column "valeu" not found' in told
    [told] = condition(include, begun + "SELECT * FROM read_csv('/etc/passwd')")
    assert "Permission Error" in told


def test_a_bomb_of_anchors_is_told_and_not_set_off(include: Include) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"] + [
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(9)]
    include.write(RULES, "\n".join(lines) + "\ngroups: []\n")
    assert any("its anchors repeat themselves without end" in one for one in include.told())
