"""sync_dashboards, run by Airflow: both clouds as declared, and nothing written where nothing has changed."""

import json

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.on_airflow.running import Airflow, Run
from tests.sandbox_fixtures import aws_client

pytestmark = pytest.mark.server
WRITES = ("PutDashboard", "DeleteDashboards", "POST", "PUT", "DELETE")


def writes(sandbox: Sandbox) -> dict[tuple[str, str], int]:
    return {call: count for call, count in sandbox.faults.calls.items()
            if call[0] in ("cloudwatch", "datadog") and call[1].startswith(WRITES)}


def actions(run: Run) -> dict[str, list[str]]:
    answers = [run.answers[f"sync_dashboards[{index}]"] for index in range(2)]
    return {each["cloud"]: sorted(one["action"] for one in answer) for answer in answers for each in answer}


def test_a_second_sync_writes_nothing_anywhere(airflow: Airflow, sandbox: Sandbox):
    run = airflow.run("sync_dashboards")

    assert run.tasks == {"check_dashboards": "success", "sync_dashboards[0]": "success",
                         "sync_dashboards[1]": "success"}
    assert actions(run) == {"cloudwatch": ["create", "create"], "datadog": ["create", "create"]}
    created = writes(sandbox)
    assert sum(count for (cloud, _), count in created.items() if cloud == "cloudwatch") == 2
    assert len(sandbox.datadog.dashboards) == 2
    assert len(aws_client(sandbox, "cloudwatch").list_dashboards()["DashboardEntries"]) == 2

    run = airflow.run("sync_dashboards")

    assert actions(run) == {"cloudwatch": ["unchanged"] * 2, "datadog": ["unchanged"] * 2}
    assert writes(sandbox) == created


def test_a_dry_run_writes_nothing_and_says_what_it_would(airflow: Airflow, sandbox: Sandbox):
    run = airflow.run("sync_dashboards", conf={"dry_run": True})

    assert run.state == "success"
    assert actions(run) == {"cloudwatch": ["create", "create"], "datadog": ["create", "create"]}
    assert writes(sandbox) == {}
    assert len(sandbox.datadog.dashboards) == 0


def test_only_what_was_changed_by_hand_is_written_again(airflow: Airflow, sandbox: Sandbox):
    airflow.run("sync_dashboards")
    client = aws_client(sandbox, "cloudwatch")
    [name] = [entry["DashboardName"] for entry in client.list_dashboards()["DashboardEntries"]
              if "machine" in entry["DashboardName"]]
    body = json.loads(client.get_dashboard(DashboardName=name)["DashboardBody"])
    body["widgets"].pop()
    client.put_dashboard(DashboardName=name, DashboardBody=json.dumps(body))
    before = writes(sandbox)

    run = airflow.run("sync_dashboards")

    assert actions(run) == {"cloudwatch": ["unchanged", "update"], "datadog": ["unchanged"] * 2}
    after = writes(sandbox)
    assert after == before | {("cloudwatch", "PutDashboard"): before["cloudwatch", "PutDashboard"] + 1}


def test_one_cloud_that_is_away_stops_no_other(airflow: Airflow, sandbox: Sandbox):
    sandbox.faults.add(Fault("datadog", status=503, times=None))

    run = airflow.run("sync_dashboards", retries=0)

    assert run.tasks == {"check_dashboards": "success", "sync_dashboards[0]": "success", "sync_dashboards[1]": "failed"}
    assert run.error("sync_dashboards[1]").startswith("DashboardError: ")
    assert "503" in run.error("sync_dashboards[1]")
    assert len(aws_client(sandbox, "cloudwatch").list_dashboards()["DashboardEntries"]) == 2
