"""Real dashboards of Datadog: each is read, and rendering it gives it back."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cases.datadog_dashboards import FILES, RECORDED, body, recorded
from watchbill.dashboards.compare import difference, normalise
from watchbill.dashboards.from_datadog import read
from watchbill.dashboards.ownership import unmarked
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.dashboards.validate import check_body, validate
from watchbill.dashboards.validate.shapes import Problem
from watchbill.dashboards.written import written
from watchbill.model.dashboards import Dashboard

pytestmark = [pytest.mark.cases, pytest.mark.skipif(not FILES, reason="no real dashboards of Datadog are here")]


def errors(problems: list[Problem]) -> list[Problem]:
    return [one for one in problems if one.severity == "error"]


def compared(given: dict[str, Any]) -> dict[str, Any]:
    normal = normalise("datadog", given)
    return normal | {"description": unmarked(normal.get("description", ""))}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dashboard_is_the_same_after_it_was_read(file: Path):
    assert difference(compared(to_datadog(read(body(file), "it").dashboard)), compared(body(file))) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dashboard_is_the_same_after_it_was_written_as_yaml(file: Path):
    declared = Dashboard.model_validate(yaml.safe_load(written(read(body(file), "it").dashboard)))
    assert difference(compared(to_datadog(declared)), compared(body(file))) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dashboard_that_was_read_passes_the_check_where_it_passed_before(file: Path):
    if not errors(check_body("datadog", body(file))):
        assert errors(validate(read(body(file), "it").dashboard, "datadog")) == []


@pytest.mark.skipif(not RECORDED, reason="no recorded requests are here")
def test_whatever_the_real_api_took_is_the_same_after_it_was_read():
    given = [one for file in RECORDED for one in recorded(file)]
    assert given
    for one in given:
        assert difference(compared(to_datadog(read(one, "it").dashboard)), compared(one)) == []
