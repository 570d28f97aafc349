"""Dashboards of CloudWatch that real projects have: into our YAML and back, and over to Datadog."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.datadog.dashboard_rules import check
from tests.cases.dashboards import body, files, name
from tests.cases.replay import FOLDER
from watchbill.dashboards.compare import normalise
from watchbill.dashboards.convert.conversion import Converted, totals
from watchbill.dashboards.from_cloudwatch import read
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.dashboards.validate import check_body
from watchbill.dashboards.written import written
from watchbill.flows.convert_dashboard import convert_dashboard
from watchbill.model.dashboards import Dashboard

FILES = files("cloudwatch")
MOST_OVERRIDES = 0.05
"""Of widgets whose whole list of metrics is an override, so that nobody could edit them."""

pytestmark = [pytest.mark.cases,
              pytest.mark.skipif(not FILES, reason=f"no dashboards of CloudWatch under {FOLDER}")]
every_file = pytest.mark.parametrize("file", FILES, ids=name)


@every_file
def test_a_dashboard_comes_back_byte_for_byte_through_its_yaml(file: Path) -> None:
    original = body(file)
    declared = Dashboard.model_validate(yaml.safe_load(written(read(original, "case").dashboard)))
    rendered = normalise("cloudwatch", to_cloudwatch(declared, "us-east-1"))
    assert json.dumps(rendered, sort_keys=True) == json.dumps(normalise("cloudwatch", original), sort_keys=True)


def test_metrics_are_said_in_our_words() -> None:
    widgets = [one for file in FILES for one in read(body(file), "case").dashboard.widgets if one.type == "metric"]
    as_they_were = [one for one in widgets if "metrics" in (one.override.cloudwatch.get("properties") or {})]
    assert len(as_they_were) <= max(1, MOST_OVERRIDES * len(widgets))


@every_file
def test_what_is_converted_is_taken_by_our_check_and_by_datadog(file: Path) -> None:
    made = convert_dashboard(body(file), "datadog", "case").body
    assert [one for one in check_body("datadog", made) if one.severity == "error"] == []
    check(made)


@every_file
def test_every_line_that_was_shown_is_shown(file: Path) -> None:
    original = body(file)["widgets"]
    found = convert_dashboard(body(file), "datadog", "case")
    kept = [one for one in found.report.widgets if one.verdict in ("whole", "lossy")]
    assert len(kept) == len(found.body["widgets"])
    for one, widget in zip(kept, found.body["widgets"], strict=True):
        if one.kind == "metric" and not _leaves_out(one):
            given = original[int(one.path.removeprefix("widgets."))]["properties"]
            assert _formulas(widget) == _visible(given["metrics"]), one.path


def test_most_widgets_come_over() -> None:
    found = totals(convert_dashboard(body(file), "datadog", name(file)).report for file in FILES)
    assert (found.share("whole") >= 0.6, found.share("whole", "lossy") >= 0.85) == (True, True), found.to_json()


def _leaves_out(one: Converted) -> bool:
    return any(each.startswith("leaves out") for each in one.lost)


def _formulas(widget: dict[str, Any]) -> int:
    return sum(len(request["formulas"]) for request in widget["definition"]["requests"])


def _visible(rows: list[Any]) -> int:
    return sum(not (isinstance(row[-1], dict) and row[-1].get("visible") is False) for row in rows)
