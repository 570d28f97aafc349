import pytest

from watchbill.model.languages.insights_filter import Compared, Joined, Negated, parse_filter
from watchbill.model.languages.logs_insights import Computed, LogQuery, Sources, Stats, parse, split
from watchbill.model.languages.tokens import NotReadError


def test_log_groups_stand_before_the_commands() -> None:
    assert split("SOURCE '/aws/lambda/a' | SOURCE \"b\" | fields @message\n| limit 5") == (
        Sources(("/aws/lambda/a", "b")), "fields @message\n| limit 5")
    assert split('SOURCE logGroups(namePrefix: ["/aws/ecs/", "x"], class: "STANDARD")  |\nfields a') == (
        Sources(prefixes=("/aws/ecs/", "x")), "fields a")
    assert split("fields a | filter b = '|'") == (Sources(), "fields a | filter b = '|'")


def test_a_list_has_fields_conditions_an_order_and_an_end() -> None:
    assert parse("fields @timestamp, kubernetes.pod as Pod\n# a remark\n| filter log like /a|b/ | sort @timestamp desc"
                 "\n| limit 20") == LogQuery(
        (("@timestamp", ""), ("kubernetes.pod", "Pod")), (Compared("log", "=~", "a|b"),), None,
        ("@timestamp", "desc"), 20)


def test_statistics_are_computed_by_fields_and_bins() -> None:
    found = parse("stats count(*) as errors, pct(@duration, 95) by bin(5m), level | sort errors desc | limit 5")
    assert found == LogQuery(
        stats=Stats((Computed("count", "", None, "errors"), Computed("pct", "@duration", 95.0)), ("level",), 300),
        sort=("errors", "desc"), limit=5)


def test_a_limit_before_the_statistics_is_told() -> None:
    assert parse("limit 5 | stats max(x)").limit_before_stats
    assert not parse("stats max(x) | limit 5").limit_before_stats


def test_conditions_are_joined_and_negated() -> None:
    found = parse_filter("a = 'x' and (b >= 3 or not ispresent(c)) and d in ['y', 4] and e not like \"z\"")
    assert found == Joined("and", (
        Compared("a", "=", "x"), Joined("or", (Compared("b", ">=", 3.0), Negated(Compared("c", "present")))),
        Joined("or", (Compared("d", "=", "y"), Compared("d", "=", 4.0))), Negated(Compared("e", "like", "z"))))


@pytest.mark.parametrize("commands", [
    "parse @message '*' as x", "stats sum(a + b)", "stats count(*) by a | stats sum(b)", "fields a + b as c",
    "filter a = b", "filter toupper(a) = 'X'", "stats count(*) as c by a | filter c > 3", "limit many", "filter (a = 1",
])
def test_what_is_computed_otherwise_is_refused(commands: str) -> None:
    with pytest.raises(NotReadError):
        parse(commands)
