"""Stories of `watchbill routes`, as they are read in a terminal."""

import json
from textwrap import dedent

import pytest

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
        "timing": "after 0s, changes every 1m, again every 4h", "hours": "", "escalation": "", "labels": {},
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


HOURS = """\
route:
  receiver: us
  labels: {team: shop}
  routes:
    - {matchers: [severity="info"], mute_time_intervals: [nights], active_time_intervals: [days]}
receivers: [{name: us}]
time_intervals: [{name: nights, time_intervals: []}, {name: days, time_intervals: []}]
"""


def test_who_is_told_when_nobody_acknowledges_is_told(tmp_path):
    (tmp_path / "include").mkdir()
    (tmp_path / "include/alerting.yaml").write_text(
        "route: {receiver: us, escalations: [{after: 15m, receiver: boss}, {after: 1h, receiver: her}]}\n"
        "receivers: [{name: us}, {name: boss}, {name: her}]\n")
    said = watchbill("routes", "test", "severity=info", cwd=tmp_path)
    assert "  then     boss after 15m, her after 1h\n" in said.out


def test_hours_and_labels_of_a_route_are_told(tmp_path):
    (tmp_path / "include").mkdir()
    (tmp_path / "include/alerting.yaml").write_text(HOURS)
    assert watchbill("routes", "test", "severity=info", cwd=tmp_path) == Said(0, dedent("""\
        us
          route    {}/{severity="info"}
          group    {}
          timing   after 30s, changes every 5m, again every 4h
          hours    mute in nights, active in days
          labels   {"team": "shop"}
          channels none: nobody is told
        """), "")


def test_the_tree_is_drawn_with_hours_and_told_whole_to_programs(tmp_path):
    (tmp_path / "include").mkdir()
    (tmp_path / "include/alerting.yaml").write_text(HOURS)
    assert watchbill("routes", "show", cwd=tmp_path) == Said(0, dedent("""\
        every alert -> us
        └── {severity="info"} -> us, mute in nights, active in days
        """), "")
    times = {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"}
    assert json.loads(watchbill("routes", "show", "--json", cwd=tmp_path).out) == {
        "matchers": "{}", "receiver": "us", "continue": False, "group_by": [], **times, "hours": "",
        "labels": {"team": "shop"}, "routes": [{
            "matchers": '{severity="info"}', "receiver": "us", "continue": False, "group_by": [], **times,
            "hours": "mute in nights, active in days", "labels": {"team": "shop"}, "routes": []}]}


CONFIG = """\
global: {smtp_smarthost: 'localhost:25'}
templates: ['/etc/*.tmpl']
route:
  receiver: a
  routes:
  - {match_re: {n: '^[12]$'}, receiver: b, continue: yes}
  - {match: {n: 2}, receiver: c}
receivers: [{name: a}, {name: b, webhook_configs: [{url: 'http://x'}]}, {name: c}]
"""
CASES = [{"config_yaml": CONFIG, "labels": labels} for labels in ({}, {"n": "1"}, {"n": "2"}, {"n": "12"})]


def test_many_cases_are_routed_at_once_each_through_its_own_tree(tmp_path):
    (tmp_path / "cases.json").write_text(json.dumps(CASES))
    said = watchbill("routes", "test", "--cases", "cases.json", cwd=tmp_path)
    assert (said.code, json.loads(said.out)) == (0, [["a"], ["b"], ["b", "c"], ["a"]])
    assert watchbill("routes", "test", "--cases", "-", cwd=tmp_path, stdin=json.dumps(CASES)) == said


@pytest.mark.parametrize(("text", "told"), [
    ("[", "cases.json cannot be read: Expecting value: line 1 column 2 (char 1)"),
    ("{}", "cases.json is no JSON list of cases"),
    ("[{}]", "case 0: is no object with `config_yaml` and `labels`"),
    ('[{"config_yaml": "route: {receiver: a}", "labels": {}}]',
     "case 0:1: route.receiver: undefined receiver 'a' used in route; there is none"),
    ('[{"config_yaml": "a: [", "labels": {}}]', "case 0:2: is no YAML: did not find expected node content while "
     "parsing a flow node (close the bracket or give the value)"),
])
def test_cases_that_cannot_be_read_are_a_sentence(tmp_path, text, told):
    (tmp_path / "cases.json").write_text(text)
    assert watchbill("routes", "test", "--cases", "cases.json", cwd=tmp_path) == Said(1, "", f"watchbill: {told}\n")
