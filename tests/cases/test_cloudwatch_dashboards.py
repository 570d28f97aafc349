"""Dashboards of CloudWatch that real projects have: into our YAML and back."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cases.dashboards import body, files, name
from tests.cases.replay import FOLDER
from watchbill.dashboards.compare import normalise
from watchbill.dashboards.from_cloudwatch import read
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.dashboards.written import written
from watchbill.model.dashboards import Dashboard

FILES = files("cloudwatch")

pytestmark = [pytest.mark.cases,
              pytest.mark.skipif(not FILES, reason=f"no dashboards of CloudWatch under {FOLDER}")]


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_dashboard_comes_back_byte_for_byte_through_its_yaml(file: Path) -> None:
    original = body(file)
    declared = Dashboard.model_validate(yaml.safe_load(written(read(original, "case").dashboard)))
    rendered = normalise("cloudwatch", to_cloudwatch(declared, "us-east-1"))
    assert json.dumps(rendered, sort_keys=True) == json.dumps(normalise("cloudwatch", original), sort_keys=True)
