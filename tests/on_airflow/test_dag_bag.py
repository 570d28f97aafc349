"""The DAG files: that all are there with what Airflow shows of them, and that they cost next to nothing."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import CronDataIntervalTimetable, CronTriggerTimetable
from airflow.sdk.exceptions import ParamValidationError

from tests.on_airflow import cost_of_dag_files
from tests.on_airflow.home import ROOT
from tests.on_airflow.running import bag
from watchbill.on_airflow.notifier import FailureNotifier, RecoveryNotifier

pytestmark = pytest.mark.server
WINDOW = {"start", "end", "metrics", "over_budget"}
FORMS = {
    "acknowledge_alerts": {"alerts", "comment", "author", "for", "until", "withdraw"},
    "backfill_metrics": {"source", *WINDOW, "again", "dry_run"},
    "collect_cloudwatch": WINDOW,
    "collect_datadog": WINDOW,
    "evaluate_alerts": set(),
    "report_dashboards": {"report", "dry_run"},
    "send_alert": {"title", "message", "severity", "type", "metadata", "channels", "ends_after"},
    "silence_alerts": {"matchers", "duration", "comment", "author", "start", "end", "expire"},
    "sync_dashboards": {"dry_run", "dashboards", "hand_edits", "prune"},
    "tend_lake": set(),
    "watch_airflow": set(),
}
TASKS = {
    "acknowledge_alerts": ["acknowledge_alerts"],
    "backfill_metrics": ["plan_backfill", "collect_metrics", "verify_backfill"],
    "collect_cloudwatch": ["plan_collection", "collect_metrics", "finish_collection", "finished"],
    "collect_datadog": ["plan_collection", "collect_metrics", "finish_collection", "finished"],
    "evaluate_alerts": ["evaluate_rules", "deliver_notifications"],
    "report_dashboards": ["find_reports", "report_dashboard"],
    "send_alert": ["send_alert"],
    "silence_alerts": ["silence_alerts"],
    "sync_dashboards": ["check_dashboards", "sync_dashboards"],
    "tend_lake": ["tend_lake", "plan_cloudwatch", "collect_cloudwatch", "plan_datadog", "collect_datadog",
                  "tend_ledger", "tended"],
    "watch_airflow": ["scan_failures", "watch_watchbill"],
}
MOST_CPU_S = 0.3


@pytest.fixture
def dags(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("WATCHBILL_INCLUDE", str(ROOT / "include"))
    found: dict[str, Any] = bag("dags-folder").dags
    return found


def test_the_bag_holds_exactly_these_dags_and_no_error(dags):
    assert {dag_id: list(dag.task_ids) for dag_id, dag in dags.items()} == TASKS


def test_every_dag_says_what_it_does_and_is_found_by_its_tag(dags):
    for dag_id, dag in dags.items():
        text = ast.get_docstring(ast.parse((ROOT / "dags" / f"{dag_id}.py").read_text()), clean=False)
        assert (dag.doc_md, set(dag.tags)) == (text, {"watchbill"})


def test_every_dag_and_task_tells_when_it_fails(dags):
    for dag in dags.values():
        assert [type(each) for each in dag.on_failure_callback] == [FailureNotifier]
        assert [type(each) for each in dag.on_success_callback] == [RecoveryNotifier]
        assert dag.has_on_failure_callback
        assert dag.has_on_success_callback
        for task in dag.tasks:
            assert [type(each) for each in task.on_failure_callback] == [FailureNotifier], task


def test_every_form_has_its_fields_each_with_a_title(dags):
    assert {dag_id: set(dag.params) for dag_id, dag in dags.items()} == FORMS
    for dag_id, dag in dags.items():
        for name, param in dag.params.items():
            assert param.schema["title"], (dag_id, name)


def test_an_empty_form_will_do_but_where_something_must_be_said(dags):
    refused = {}
    for dag_id, dag in dags.items():
        try:
            dag.params.validate()
        except ParamValidationError as error:
            refused[dag_id] = str(error).partition(":")[0]
    assert refused == {"backfill_metrics": "Invalid input for param start",
                       "send_alert": "Invalid input for param title"}


def test_no_run_is_caught_up_and_ticks_are_whole_intervals(dags):
    assert not any(dag.catchup for dag in dags.values())
    ticking = {dag_id: dag.timetable for dag_id, dag in dags.items() if dag_id.startswith("collect_")}
    assert {dag_id: (type(each), each.expression) for dag_id, each in ticking.items()} == dict.fromkeys(
        ["collect_cloudwatch", "collect_datadog"], (CronDataIntervalTimetable, "*/5 * * * *"))
    between = [dags["evaluate_alerts"].timetable.timetable, dags["watch_airflow"].timetable]
    assert [(type(each), each.expression) for each in between] == [(CronTriggerTimetable, "2-59/5 * * * * 30")] * 2
    off_the_tick = {dag_id: dags[dag_id].timetable.expression for dag_id in ("sync_dashboards", "tend_lake")}
    assert off_the_tick == {"sync_dashboards": "*/15 * * * * 45", "tend_lake": "30 4 * * * 45"}


def test_no_dag_file_costs_more_than_airflows_own_import_and_a_little_or_connects_to_anything():
    files = sorted(str(path) for path in (ROOT / "dags").glob("*.py"))
    here = {"PYTHONPATH": str(ROOT / "plugins"), "WATCHBILL_INCLUDE": str(ROOT / "include")}
    ran = subprocess.run([sys.executable, cost_of_dag_files.__file__, *files], env=os.environ | here,
                         capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])
    assert len(found) == len(FORMS)
    assert {Path(path).name: each["heavy"] for path, each in found.items() if each["heavy"]} == {}
    assert {Path(path).name: each["cpu_s"] for path, each in found.items() if each["cpu_s"] > MOST_CPU_S} == {}
