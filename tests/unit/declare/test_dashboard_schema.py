"""What editors are told of dashboards: the same as the models that read them."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.unit.dashboards.made import SHOP
from watchbill.declare.dashboard_schema import dashboard_schema, template_schema

INCLUDE = Path(__file__).parents[3] / "include"
GOOD = [
    SHOP,
    {"id": "a", "title": "A", "clouds": "datadog", "start": "3h", "connections": {"cloudwatch": "aws_default"}},
    {"id": "a", "title": "A", "widgets": [{"template": "row", "with": {"service": "a"}},
                                          {"template": "row", "for_each": {"service": ["a"]}},
                                          {"type": "text", "markdown": "x", "height": "${height}"}]},
    {"id": "a", "title": "A", "widgets": [{"type": "metric", "metrics": [
        {"for_each": {"port": [80]}, "namespace": "a", "metric": "b",
         "dimensions": {"port": 80, "host": ["a", "!b"]}}]}]},
    {"id": "a", "title": "A", "widgets": [{"type": "log", "cloudwatch": {"log_groups": "/a", "query": "x"},
                                           "datadog": {"compute": {"aggregation": "count"}, "view": "line"}}]},
]
BAD = [
    {"title": "A"},
    {"id": "a b", "title": "A"},
    {"id": "a", "title": "A", "widgets": [{"type": "metrics"}]},
    {"id": "a", "title": "A", "widgets": [{"type": "text"}]},
    {"id": "a", "title": "A", "widgets": [{"type": "text", "markdown": "x", "colour": "red"}]},
    {"id": "a", "title": "A", "widgets": [{"type": "text", "markdown": "x", "height": "high"}]},
    {"id": "a", "title": "A", "widgets": [{"with": {}}]},
    {"id": "a", "title": "A", "start": "an hour"},
    {"id": "a", "title": "A", "clouds": "azure"},
]


@pytest.mark.parametrize("dashboard", GOOD)
def test_what_we_read_is_good_for_an_editor(dashboard: Any) -> None:
    jsonschema.validate(dashboard, dashboard_schema())


@pytest.mark.parametrize("dashboard", BAD)
def test_what_we_refuse_is_marked_by_an_editor(dashboard: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(dashboard, dashboard_schema())


@pytest.mark.parametrize("file", sorted((INCLUDE / "dashboards").rglob("*.yaml")), ids=lambda file: file.name)
def test_the_dashboards_that_come_with_it_are_good(file: Path) -> None:
    schema = template_schema() if file.parent.name == "templates" else dashboard_schema()
    jsonschema.validate(yaml.safe_load(file.read_text()), schema)


def test_a_template_is_checked_like_a_dashboard() -> None:
    def schema_of(widget: Any) -> Any:
        return {"templates": {"row": {"parameters": {"service": None}, "widgets": [widget]}}}

    jsonschema.validate(schema_of({"type": "text", "markdown": "${service}"}), template_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(schema_of({"type": "txt", "markdown": "${service}"}), template_schema())


def test_the_schema_itself_is_one() -> None:
    for schema in (dashboard_schema(), template_schema()):
        jsonschema.Draft202012Validator.check_schema(schema)
