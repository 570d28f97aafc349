"""The switch: every DAG of the deployment is watched without a change of its file, and none twice."""

import os
import subprocess
import sys
import tomllib

import pytest
from airflow.settings import get_policy_plugin_manager

from sandbox.server import Sandbox
from tests.on_airflow.home import ROOT
from tests.on_airflow.running import Airflow, bag
from watchbill.on_airflow import policy
from watchbill.on_airflow.notifier import FailureNotifier, RecoveryNotifier

pytestmark = pytest.mark.server


@pytest.fixture
def switched(monkeypatch: pytest.MonkeyPatch):
    """As the installed package's entry point does it."""
    manager, switch = get_policy_plugin_manager(), policy
    for name, plugin in manager.list_name_plugin():
        if getattr(plugin, "__name__", "") == policy.__name__:
            manager.unregister(plugin, name)
    manager.register(switch)
    monkeypatch.setenv("WATCHBILL__WATCH__DAGS", "all")
    yield
    manager.unregister(switch)


def test_the_package_brings_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["airflow.policy"] == {"watchbill": policy.__name__}


def test_importing_it_brings_nothing_of_watchbill_and_no_client():
    code = ("import airflow.policies, sys; before = set(sys.modules); import watchbill.on_airflow.policy; "
            "print([name for name in set(sys.modules) - before if name not in "
            "('watchbill', 'watchbill.on_airflow', 'watchbill.on_airflow.policy')])")
    ran = subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(ROOT / "plugins")},
                         capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_every_dag_gets_the_callbacks_and_keeps_its_own(airflow: Airflow, switched: None):
    dags = bag("tests").dags
    announcements, killed, nightly = dags["announcements"], dags["killed"], dags["nightly"]

    for dag in (announcements, killed, nightly):
        assert [type(each) for each in dag.on_failure_callback] == [FailureNotifier]
        assert [type(each) for each in dag.on_success_callback] == [RecoveryNotifier]
        assert (dag.has_on_failure_callback, dag.has_on_success_callback) == (True, True)
        for task in dag.tasks:
            assert [type(each) for each in task.on_failure_callback] == [FailureNotifier]
    assert killed.on_failure_callback[0].severity == "critical"
    assert (announcements.tags, nightly.tags) == (set(), {"watched"})


def test_switched_off_a_dag_is_left_as_it_is(airflow: Airflow, switched: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WATCHBILL__WATCH__DAGS", "declared")
    assert bag("tests").dags["announcements"].on_failure_callback is None


def test_a_dag_that_says_nothing_is_told_of_and_its_success_too(airflow: Airflow, sandbox: Sandbox, switched: None):
    airflow.dags |= bag("tests").dags
    airflow.run("quiet", conf={"error": "no such file"})
    airflow.run("quiet")
    assert [message.text.partition("\n")[0] for message in sandbox.slack.messages] == ["[ERROR] quiet.load failed"]
    airflow.run("evaluate_alerts")
    assert airflow.ledger.alerts(["firing"]) == []
