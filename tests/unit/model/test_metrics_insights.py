import pytest

from watchbill.model.languages.metrics_insights import Select, Where, parse
from watchbill.model.languages.tokens import NotReadError


def test_a_query_says_what_is_aggregated_of_which_by_which() -> None:
    assert parse('''SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId)
                    WHERE InstanceId != 'i-1' AND "a b" NOT IN ('x', 'y') AND zone = 'b'
                    GROUP BY InstanceId, zone ORDER BY MAX() DESC LIMIT 10''') == Select(
        "AVG", "CPUUtilization", "AWS/EC2", ("InstanceId",),
        (Where("InstanceId", ("i-1",), True), Where("a b", ("x", "y"), True), Where("zone", ("b",))),
        ("InstanceId", "zone"), "DESC", "MAX", 10)


def test_a_query_may_be_of_a_metric_alone() -> None:
    found = parse('select count("5xxErrors") from "AWS/CloudFront"')
    assert found == Select("COUNT", "5xxErrors", "AWS/CloudFront", None)


@pytest.mark.parametrize("text", [
    "SUM(m1)", "SELECT P99(a) FROM b", "SELECT SUM(a) FROM b WHERE c = 'd' OR e = 'f'",
    "SELECT SUM(a) FROM b WHERE (c = 'd')", "SELECT SUM(a) FROM b WHERE c > 'd'",
])
def test_what_is_no_query_or_no_one_scope_is_refused(text: str) -> None:
    with pytest.raises(NotReadError):
        parse(text)
