"""Stories of `watchbill dashboards import`: from a file, and from the small clouds behind the connections."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from datadog_api_client.v1.api.dashboards_api import DashboardsApi

from sandbox.server import Sandbox
from sandbox.stack.airflow import connections
from tests.sandbox_fixtures import aws_client, datadog_client, sandbox, sandbox_server  # noqa: F401 - fixtures
from tests.unit.cli.terminal import Said, watchbill
from watchbill.alerts.ledger import Ledger
from watchbill.declare.load import load

BODY: dict[str, Any] = {"widgets": [
    {"type": "text", "x": 0, "y": 0, "width": 24, "height": 2, "properties": {"markdown": "# ${Team}"}},
    {"type": "text", "x": 0, "y": 2, "width": 24, "height": 2, "properties": {
        "markdown": "Two\nlines", "background": "transparent"}},
    {"type": "custom", "x": 0, "y": 4, "width": 6, "height": 6, "properties": {"endpoint": "arn:aws:lambda:x"}},
]}
YAML = """\
id: shop
title: shop
clouds: cloudwatch
widgets:
  - type: text
    x: 0
    y: 0
    width: 24
    height: 2
    markdown: '# ${Team}'
  - type: text
    x: 0
    y: 2
    width: 24
    height: 2
    markdown: |-
      Two
      lines
    override:
      cloudwatch:
        properties:
          background: transparent
  - type: raw
    x: 0
    y: 4
    cloudwatch:
      type: custom
      properties:
        endpoint: arn:aws:lambda:x
"""
REPORT = """\
shop: 3 widgets of CloudWatch
  modelled  widgets.0 text
  override  widgets.1 text
            by override: properties.background
  raw       widgets.2 custom
  1 modelled, 1 with an override, 1 raw
"""
DATADOG = {"title": "The shop", "layout_type": "ordered", "reflow_type": "fixed", "widgets": [
    {"definition": {"type": "note", "content": "See"}, "layout": {"x": 0, "y": 0, "width": 6, "height": 2}}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "include").mkdir()
    (tmp_path / "shop.json").write_text(json.dumps(BODY))
    return tmp_path


def test_a_file_is_printed_as_its_declaration_and_a_report_beside_it(folder: Path) -> None:
    assert watchbill("dashboards", "import", "cloudwatch", "shop.json", cwd=folder) == Said(0, YAML, REPORT)


def test_an_answer_of_get_dashboard_names_the_dashboard_that_it_stays(folder: Path) -> None:
    answer = {"DashboardName": "live", "DashboardArn": "arn:aws:cloudwatch::1:dashboard/live",
              "DashboardBody": json.dumps(BODY)}
    said = watchbill("dashboards", "import", "cloudwatch", "-", cwd=folder, stdin=json.dumps(answer))
    assert yaml.safe_load(said.out) == {**yaml.safe_load(YAML), "id": "live", "title": "live",
                                        "adopt": {"cloudwatch": "live"}}


def test_it_is_written_where_it_belongs_but_never_over_another(folder: Path) -> None:
    words = ("dashboards", "import", "cloudwatch", "shop.json", "--write")
    assert watchbill(*words, cwd=folder) == Said(0, "", REPORT)
    assert [one.id for one in load(folder / "include", {}).dashboards] == ["shop"]
    assert watchbill(*words, cwd=folder) == Said(
        1, "", "watchbill: include/dashboards/shop.yaml: there already; nothing was written\n")
    assert watchbill(*words, "--id", "other", cwd=folder).code == 0
    assert (folder / "include/dashboards/other.yaml").read_text() == YAML.replace("id: shop", "id: other")


def test_programs_get_json(folder: Path) -> None:
    said = json.loads(watchbill("dashboards", "import", "cloudwatch", "shop.json", "--json", cwd=folder).out)
    assert said[0]["dashboard"] == yaml.safe_load(YAML)
    assert [(one["kept"], one["override"]) for one in said[0]["widgets"]] == [
        ("modelled", []), ("override", ["properties.background"]), ("raw", [])]


@pytest.mark.parametrize(("words", "told"), [
    (("cloudwatch", "none.json"), "none.json is not there"),
    (("datadog", "shop.json"), "shop cannot be imported: this is no dashboard of Datadog: it has no `widgets` and "
                               "`layout_type`"),
    (("cloudwatch", "empty.json"), "empty.json cannot be read: Expecting value: line 1 column 1 (char 0)"),
])
def test_what_cannot_be_read_is_a_sentence(folder: Path, words: tuple[str, ...], told: str) -> None:
    (folder / "empty.json").write_text("")
    assert watchbill("dashboards", "import", *words, cwd=folder) == Said(1, "", f"watchbill: {told}\n")


def test_one_dashboard_or_all_has_to_be_asked_for(folder: Path) -> None:
    assert watchbill("dashboards", "import", "cloudwatch", cwd=folder).code == 2


@pytest.mark.server
def test_all_that_an_account_has_is_taken_over(folder: Path, sandbox: Sandbox) -> None:  # noqa: F811
    environ = connections("", sandbox.url, sandbox.aws_url) | {"AIRFLOW_HOME": str(folder / "home")}
    client = aws_client(sandbox, "cloudwatch")
    for name in ("shop", "pay_2", "watchbill-kept"):
        client.put_dashboard(DashboardName=name, DashboardBody=json.dumps(BODY))
    said = watchbill("dashboards", "import", "cloudwatch", "--all", "--write", cwd=folder, **environ)
    assert (said.code, said.err.count("3 widgets")) == (0, 2)
    ledger = Ledger.open(f"sqlite:///{folder}/ledger.db")
    ledger.migrate()
    environ["AIRFLOW_CONN_WATCHBILL_LEDGER"] = json.dumps({"conn_type": "sqlite", "host": f"{folder}/ledger.db"})
    planned = watchbill("dashboards", "plan", cwd=folder, **environ)
    assert (planned.code, planned.out.split()) == (0, ["2", "unchanged"])
    declared = load(folder / "include", {}).dashboards
    assert {one.id: one.adopt.cloudwatch for one in declared} == {"pay_2": "pay_2", "shop": "shop"}
    one = watchbill("dashboards", "import", "cloudwatch", "shop", cwd=folder, **environ)
    assert yaml.safe_load(one.out)["adopt"] == {"cloudwatch": "shop"}
    assert watchbill("dashboards", "import", "cloudwatch", "none", cwd=folder, **environ).code == 1
    created = DashboardsApi(datadog_client(sandbox)).create_dashboard(DATADOG)["id"]
    said = watchbill("dashboards", "import", "datadog", "--all", cwd=folder, **environ)
    assert yaml.safe_load(said.out)["adopt"] == {"datadog": created}
    assert said.err.splitlines()[0] == "The shop: 1 widget of Datadog"
