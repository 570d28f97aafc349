"""Real dashboards of Datadog, converted for CloudWatch: how much of them comes over, and that CloudWatch takes it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.cloudwatch import dashboard_body
from sandbox.cloudwatch.expressions import insights, search, syntax
from tests.cases.datadog_dashboards import FILES, RECORDED, body, recorded
from watchbill.dashboards.convert.conversion import totals
from watchbill.dashboards.validate import check_body
from watchbill.flows.convert_dashboard import Conversion, convert_dashboard
from watchbill.model.languages.logs_insights import parse as parse_logs

pytestmark = [pytest.mark.cases, pytest.mark.skipif(not FILES, reason="no real dashboards of Datadog are here")]


@pytest.fixture(scope="module")
def converted() -> list[Conversion]:
    return [convert_dashboard(body(file), "cloudwatch", file.stem[-100:]) for file in FILES]


@pytest.fixture(scope="module")
def odd() -> list[Conversion]:
    """Bodies that were recorded try every kind of widget once."""
    return [convert_dashboard(one, "cloudwatch", "recorded") for file in RECORDED for one in recorded(file)]


def test_three_of_five_widgets_come_over_whole_and_six_of_seven_at_all(converted: list[Conversion]) -> None:
    found = totals(one.report for one in converted)
    assert found.share("whole") >= 0.60, found.reasons.most_common(20)
    assert found.share("whole", "lossy") >= 0.85, found.reasons.most_common(20)


def test_what_is_not_whole_says_why(converted: list[Conversion], odd: list[Conversion]) -> None:
    widgets = [widget for one in [*converted, *odd] for widget in one.report.widgets]
    assert all(bool(widget.lost) == (widget.verdict != "whole") for widget in widgets)


def test_every_body_is_taken(converted: list[Conversion], odd: list[Conversion]) -> None:
    for one in [*converted, *odd]:
        assert [each for each in check_body("cloudwatch", one.body) if each.severity == "error"] == [], one.report.name
        assert [each for each in dashboard_body.validate(json.dumps(one.body)) if each.severity == "error"] == []


def test_every_question_is_one_when_its_variables_stand_for_their_defaults(
    converted: list[Conversion], odd: list[Conversion],
) -> None:
    for one in [*converted, *odd]:
        for text in expressions(chosen(one.body)):
            assert "@" not in re.sub(r"'[^']*'", "", text), text
            if insights.is_select(text):
                insights.parse(text)
                continue
            syntax.parse(text)
            for searched in re.findall(r"SEARCH\('(.*?)', '", text):
                search.parse(searched, "123456789012")


def test_every_log_query_is_one(converted: list[Conversion], odd: list[Conversion]) -> None:
    for one in [*converted, *odd]:
        for widget in chosen(one.body)["widgets"]:
            if widget["type"] == "log":
                source, _, query = widget["properties"]["query"].partition(" | ")
                assert source == "SOURCE logGroups()"
                parse_logs(query)


def chosen(made: dict[str, Any]) -> dict[str, Any]:
    """As CloudWatch begins: patterns replaced by the defaults of their variables."""
    text = json.dumps(made["widgets"])
    for variable in made.get("variables", ()):
        default = variable["defaultValue"]
        text = text.replace(variable["pattern"], "any" if default == "__FIRST" else default)
    return {"widgets": json.loads(text)}


def expressions(made: dict[str, Any]) -> Iterator[str]:
    for widget in made["widgets"]:
        for row in widget["properties"].get("metrics", ()):
            if isinstance(row[-1], dict) and "expression" in row[-1]:
                yield row[-1]["expression"]
