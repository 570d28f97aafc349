"""sync_dashboards, run by Airflow: both clouds as declared, nothing written where nothing has changed, drift told."""

import json
from typing import Any

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.on_airflow.running import Airflow, Run
from tests.sandbox_fixtures import aws_client

pytestmark = pytest.mark.server
WRITES = ("PutDashboard", "DeleteDashboards", "TagResource", "POST", "PUT", "DELETE")


def writes(sandbox: Sandbox) -> dict[tuple[str, str], int]:
    return {call: count for call, count in sandbox.faults.calls.items()
            if call[0] in ("cloudwatch", "datadog") and call[1].startswith(WRITES)}


def actions(run: Run) -> dict[str, list[str]]:
    answers = [run.answers[f"sync_dashboards[{index}]"] for index in range(2)]
    return {each["cloud"]: sorted(one["action"] for one in answer) for answer in answers for each in answer}


def edit(sandbox: Sandbox, **changes: Any) -> str:
    """By hand, the machine's dashboard in CloudWatch."""
    client, name = aws_client(sandbox, "cloudwatch"), "watchbill-machine"
    body = json.loads(client.get_dashboard(DashboardName=name)["DashboardBody"])
    body["widgets"].pop()
    client.put_dashboard(DashboardName=name, DashboardBody=json.dumps(body | changes))
    return name


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


def test_an_edit_by_hand_is_kept_and_told_until_it_is_overwritten(airflow: Airflow, sandbox: Sandbox):
    airflow.run("sync_dashboards")
    name = edit(sandbox)
    edited, before = sandbox.cloudwatch.dashboards[name].body, writes(sandbox)

    run = airflow.run("sync_dashboards")

    assert actions(run) == {"cloudwatch": ["drifted", "unchanged"], "datadog": ["unchanged"] * 2}
    assert (sandbox.cloudwatch.dashboards[name].body, writes(sandbox)) == (edited, before)
    [told] = [state.alert for state in airflow.ledger.alerts(["firing"])]
    assert {key: told.labels[key] for key in ("alertname", "dashboard", "cloud", "connection", "severity")} == {
        "alertname": "DashboardDrifted", "dashboard": "machine", "cloud": "cloudwatch", "connection": "aws_default",
        "severity": "warning"}
    assert told.annotations["summary"] == "machine was changed by hand in CloudWatch"
    assert told.annotations["description"].startswith('- "')

    airflow.run("sync_dashboards")
    assert [state.alert.starts_at for state in airflow.ledger.alerts(["firing"])] == [told.starts_at]

    run = airflow.run("sync_dashboards", conf={"hand_edits": "overwrite"})

    assert actions(run) == {"cloudwatch": ["change", "unchanged"], "datadog": ["unchanged"] * 2}
    assert sandbox.cloudwatch.dashboards[name].body != edited
    assert airflow.ledger.alerts(["firing"]) == []


def test_an_edit_that_is_taken_back_by_hand_resolves_its_alert(airflow: Airflow, sandbox: Sandbox):
    airflow.run("sync_dashboards")
    before = sandbox.cloudwatch.dashboards["watchbill-machine"].body
    name = edit(sandbox, start="-PT3H")
    airflow.run("sync_dashboards")
    assert len(airflow.ledger.alerts(["firing"])) == 1
    aws_client(sandbox, "cloudwatch").put_dashboard(DashboardName=name, DashboardBody=before)
    airflow.run("sync_dashboards")
    assert airflow.ledger.alerts(["firing"]) == []


def test_what_is_declared_no_more_goes_and_nothing_else(airflow: Airflow, sandbox: Sandbox):
    airflow.run("sync_dashboards")
    (airflow.include / "dashboards" / "machine.yaml").unlink()

    run = airflow.run("sync_dashboards", conf={"dashboards": ["service-overview"]})
    assert actions(run) == {"cloudwatch": ["unchanged"], "datadog": ["unchanged"]}

    run = airflow.run("sync_dashboards", conf={"prune": 0}, retries=0)
    assert run.state == "failed"
    assert "1 dashboards would be deleted" in run.error("sync_dashboards[0]")

    run = airflow.run("sync_dashboards")
    assert actions(run) == {"cloudwatch": ["delete", "unchanged"], "datadog": ["delete", "unchanged"]}
    assert set(sandbox.cloudwatch.dashboards) == {"watchbill-service-overview"}
    assert len(sandbox.datadog.dashboards) == 1


def test_the_tasks_pages_lead_to_the_live_dashboards(airflow: Airflow, sandbox: Sandbox):
    run = airflow.run("sync_dashboards")

    from airflow.models.xcom import XComModel
    from airflow.settings import Session
    from sqlalchemy import select

    [task] = [each for each in airflow.dags["sync_dashboards"].tasks if each.task_id == "sync_dashboards"]
    names = {link.name: link.xcom_key for link in task.operator_class.operator_extra_links}
    assert set(names) == {f"{board} in {cloud}" for board in ("machine", "service-overview")
                          for cloud in ("CloudWatch", "Datadog")}
    query = select(XComModel).where(XComModel.run_id == run.run_id, XComModel.key == names["machine in CloudWatch"])
    found = {each.map_index: XComModel.deserialize_value(each) for each in Session().scalars(query)}
    assert found[0].endswith("#dashboards/dashboard/watchbill-machine")
    assert not found.get(1)


def test_one_cloud_that_is_away_stops_no_other(airflow: Airflow, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("watchbill.dashboards.live.datadog_calls.BACKOFF_S", (0.0,))
    sandbox.faults.add(Fault("datadog", status=503, times=None))

    run = airflow.run("sync_dashboards", retries=0)

    assert run.tasks == {"check_dashboards": "success", "sync_dashboards[0]": "success", "sync_dashboards[1]": "failed"}
    assert run.error("sync_dashboards[1]").startswith("DashboardError: ")
    assert "503" in run.error("sync_dashboards[1]")
    assert len(aws_client(sandbox, "cloudwatch").list_dashboards()["DashboardEntries"]) == 2
