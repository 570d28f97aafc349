"""YAML that cannot be used: every DAG is there and says so, the one that needs it fails, and the others go on."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.on_airflow.running import Airflow, bag
from tests.on_airflow.shop import open_shop
from watchbill.model.windows import floor_time

pytestmark = pytest.mark.server
TAG = "broken declarations"
ALL = {"acknowledge_alerts", "backfill_metrics", "collect_cloudwatch", "collect_datadog", "evaluate_alerts",
       "report_dashboards", "send_alert", "silence_alerts", "sync_dashboards", "tend_lake", "watch_airflow"}
COLLECTING = {"backfill_metrics", "collect_cloudwatch", "collect_datadog"}
JUDGING = {"evaluate_alerts", "watch_airflow"}
ROUTING = {"evaluate_alerts", "report_dashboards", "send_alert", "watch_airflow"}


def spoil(include: Path, file: str, old: str, new: str) -> str:
    """Where it is spoiled, as findings name it."""
    text = (include / file).read_text()
    assert old in text
    (include / file).write_text(text.replace(old, new, 1))
    return f"{file}:{text[:text.index(old)].count(chr(10)) + 1}: "


@pytest.mark.parametrize(("file", "old", "new", "field", "dags"), [
    ("watchbill.yaml", "tick: 5m", "tik: 5m", "tik: unknown key (did you mean `tick`?)", ALL),
    ("watchbill.yaml", "tick: 5m", "tick: often", "tick: 'often' is no duration", ALL),
    ("metrics/shop.yaml", "period: 60s", "periode: 60s", "metrics[0].periode: ",
     {*COLLECTING, "tend_lake", "watch_airflow"}),
    ("rules/shop.yaml", 'comparison: ">"', 'comparison: "=>"', "groups[0].rules[0].condition.comparison: ", JUDGING),
    ("alerting.yaml", "receiver: on-call", "receiver: oncall", "route.routes[0].receiver: ", ROUTING),
    ("dashboards/machine.yaml", "id: machine", "idd: machine", "idd: ",
     {"report_dashboards", "sync_dashboards"}),
])
def test_every_dag_is_there_and_those_that_need_what_is_broken_say_so(
    monkeypatch: pytest.MonkeyPatch, include: Path, file, old, new, field, dags,
):
    where = spoil(include, file, old, new)
    monkeypatch.setenv("WATCHBILL_INCLUDE", str(include))

    found = bag("dags-folder").dags

    assert found.keys() == ALL
    assert {dag_id for dag_id, dag in found.items() if TAG in dag.tags} == dags
    for dag_id, dag in found.items():
        assert (where + field in dag.doc_md) == (dag_id in dags)


def test_a_folder_that_is_not_there_hides_no_dag(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("WATCHBILL_INCLUDE", str(tmp_path / "nowhere"))

    found = bag("dags-folder").dags

    assert found.keys() == ALL
    assert {dag_id for dag_id, dag in found.items() if TAG in dag.tags} == ALL
    assert f"{tmp_path}/nowhere" in found["tend_lake"].doc_md


def test_the_first_task_names_file_line_field_and_fix_and_the_others_go_on(
    airflow: Airflow, sandbox: Sandbox, include: Path,
):
    end = floor_time(datetime.now(UTC), 300)
    open_shop(sandbox, end)
    where = spoil(include, "metrics/shop.yaml", "period: 60s", "periode: 60s")

    run = airflow.run("collect_cloudwatch", end, run_type="scheduled")

    assert (run.state, run.tries) == ("failed", {"plan_collection": 1})
    told = run.error("plan_collection")
    assert told.startswith(f"DeclarationError: {where}metrics[0].periode: unknown key (did you mean `period`?)")
    [message] = sandbox.slack.messages
    assert "collect_cloudwatch.plan_collection failed" in message.posted
    assert "periode" in str(message.blocks) + str(message.attachments)
    assert airflow.run("sync_dashboards").state == "success"
    assert airflow.run("tend_lake").tasks["tend_lake"] == "success"


def test_with_broken_settings_the_failure_is_told_all_the_same(airflow: Airflow, sandbox: Sandbox, include: Path):
    where = spoil(include, "watchbill.yaml", "tick: 5m", "tik: 5m")

    run = airflow.run("tend_lake")

    assert run.error("tend_lake").startswith(f"DeclarationError: {where}tik: ")
    assert re.search(r"tend_lake\.\w+ failed", sandbox.slack.messages[0].posted)


def test_with_a_broken_routing_the_failure_waits_in_the_ledger_and_is_told_when_it_is_mended(
    airflow: Airflow, sandbox: Sandbox, include: Path,
):
    end = floor_time(datetime.now(UTC), 300)
    open_shop(sandbox, end)
    airflow.run("collect_cloudwatch", end)
    spoil(include, "alerting.yaml", "receiver: on-call", "receiver: oncall")

    run = airflow.run("evaluate_alerts", end)

    assert run.error("evaluate_rules").startswith("DeclarationError: alerting.yaml:")
    assert sandbox.slack.messages == []

    spoil(include, "alerting.yaml", "receiver: oncall", "receiver: on-call")
    run = airflow.run("evaluate_alerts", end)

    assert run.state == "success"
    [message] = sandbox.slack.messages
    assert "evaluate_alerts.evaluate_rules failed" in message.posted
