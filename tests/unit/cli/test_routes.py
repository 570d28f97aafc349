"""Stories of `watchbill routes`, as they are read in a terminal."""

import json
from textwrap import dedent

from tests.unit.cli.terminal import ROOT, Said, watchbill


def test_a_critical_alert_reaches_whoever_is_on_call():
    said = watchbill("routes", "test", "alertname=HighErrorRate", "severity=critical", "service=checkout", cwd=ROOT)
    assert said == Said(0, dedent("""\
        on-call
          route    {}/{severity="critical"}
          group    {alertname="HighErrorRate",service="checkout"}
          timing   after 0s, changes every 1m, again every 4h
          channels slack #alerts, email oncall@example.com, sns arn:aws:sns:eu-west-1:123456789012:watchbill-alerts
        """), "")


def test_any_other_alert_takes_the_default():
    said = watchbill("routes", "test", "alertname=DiskAlmostFull", "severity=warning", "--json", cwd=ROOT)
    assert json.loads(said.out) == [{
        "receiver": "default", "route": "{}", "group": '{alertname="DiskAlmostFull"}',
        "timing": "after 0s, changes every 1m, again every 4h",
        "channels": [{"kind": "slack", "target": "#ops", "connection": "slack_api_default", "send_resolved": True}],
    }]


def test_a_failed_task_reaches_the_data_team():
    said = watchbill("routes", "test", "alertname=AirflowTaskFailed", "severity=error", "dag_id=load", cwd=ROOT)
    assert said.out.splitlines()[0] == "data-team"


def test_the_tree_is_drawn():
    assert watchbill("routes", "show", cwd=ROOT) == Said(0, dedent("""\
        every alert -> default
        ├── {severity="critical"} -> on-call
        └── {alertname="AirflowTaskFailed"} -> data-team
        """), "")


def test_a_word_that_is_no_label_is_refused():
    said = watchbill("routes", "test", "critical", cwd=ROOT)
    assert (said.code, said.out) == (2, "")
    assert said.err.endswith("Error: Invalid value for LABEL=VALUE: 'critical' is no label; write name=value\n")


def test_a_label_given_twice_is_refused():
    said = watchbill("routes", "test", "a=1", "a=2", cwd=ROOT)
    assert (said.code, said.err.splitlines()[-1]) == (
        2, "Error: Invalid value for LABEL=VALUE: the label 'a' is there twice")


def test_a_label_cannot_write_to_the_terminal():
    said = watchbill("routes", "test", "alertname=\x1b[31mred", cwd=ROOT)
    assert "\x1b" not in said.out
    assert "\\x1b[31mred" in said.out


def test_routes_that_cannot_be_read_are_a_sentence(tmp_path):
    (tmp_path / "include").mkdir()
    (tmp_path / "include/alerting.yaml").write_text("route: {receiver: nobody}\nreceivers: [{name: us}]\n")
    assert watchbill("routes", "show", cwd=tmp_path) == Said(
        1, "", "watchbill: alerting.yaml:1: route.receiver: there is no receiver `nobody` (known: us)\n")
