"""Stories of `watchbill rules import`: from a file, and from the small cloud behind the connections."""

import json
from pathlib import Path

import pytest

from sandbox.cloudwatch.alarms import put_metric_alarm
from sandbox.datadog import monitors
from sandbox.server import Sandbox
from sandbox.stack.airflow import connections
from tests.contract.sandbox.cloudwatch_server import NOW
from tests.sandbox_fixtures import sandbox, sandbox_server  # noqa: F401 - fixtures
from tests.unit.cli.terminal import Said, watchbill
from tests.unit.rules.test_importing import ALARM, MONITOR
from watchbill.declare.load import load

REPORT = """\
lossy      cpu
             judges datapoints of every unit, not only of Percent
             note: tells arn:aws:sns:eu-west-1:123456789012:ops: give a receiver of alerting.yaml that topic
impossible both
             is composed of disk, which is not there
0 whole, 1 lossy, 1 impossible
"""
ANSWER = {"MetricAlarms": [{**ALARM, "Unit": "Percent",
                            "AlarmActions": ["arn:aws:sns:eu-west-1:123456789012:ops"]}],
          "CompositeAlarms": [{"AlarmName": "both", "AlarmRule": "ALARM(cpu) AND ALARM(disk)"}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "include").mkdir()
    (tmp_path / "alarms.json").write_text(json.dumps(ANSWER))
    return tmp_path


def test_two_files_are_printed_and_a_report_beside_them(folder: Path) -> None:
    said = watchbill("rules", "import", "cloudwatch", "alarms.json", cwd=folder)
    rules, _, metrics = said.out.partition("---\n")
    assert (said.code, said.err) == (0, REPORT)
    assert rules.startswith("# rules/imported-cloudwatch.yaml\ngroups:\n- name: cloudwatch 5m\n  interval: 5m\n")
    assert metrics.startswith("# metrics/imported-cloudwatch.yaml\nmetrics:\n- name: aws-ec2-cpuutilization-i-1\n")
    assert watchbill("rules", "import", "cloudwatch", "-", cwd=folder, stdin=json.dumps(ANSWER)) == said


def test_they_are_written_where_they_belong_but_never_over_others(folder: Path) -> None:
    words = ("rules", "import", "cloudwatch", "alarms.json", "--write")
    assert watchbill(*words, cwd=folder) == Said(0, "", REPORT)
    declared = load(folder / "include", {})
    assert [one.problem for one in declared.findings if one.severity == "error"] == [
        "is not there: no alert would reach anyone"]
    assert [rule.alert for group in declared.groups for rule in group.rules] == ["cpu"]
    assert watchbill(*words, cwd=folder) == Said(
        1, "", "watchbill: include/rules/imported-cloudwatch.yaml and include/metrics/imported-cloudwatch.yaml is "
               "there already: nothing was written\n")


def test_programs_get_json(folder: Path) -> None:
    said = json.loads(watchbill("rules", "import", "cloudwatch", "alarms.json", "--json", cwd=folder).out)
    assert [(one["name"], one["verdict"]) for one in said["report"]] == [("cpu", "lossy"), ("both", "impossible")]
    assert [len(said["rules"]["groups"]), len(said["metrics"]["metrics"])] == [1, 1]


@pytest.mark.parametrize(("text", "told"), [
    ("[", "alarms.json cannot be read: Expecting value: line 1 column 2 (char 1)"),
    ("{}", "cannot be imported: this is no answer of DescribeAlarms: MetricAlarms are missing"),
])
def test_what_cannot_be_read_is_a_sentence(folder: Path, text: str, told: str) -> None:
    (folder / "alarms.json").write_text(text)
    said = watchbill("rules", "import", "cloudwatch", "alarms.json", cwd=folder)
    assert said == Said(1, "", f"watchbill: {told}\n")


@pytest.mark.server
def test_the_clouds_themselves_are_asked_through_their_connections(folder: Path, sandbox: Sandbox) -> None:  # noqa: F811
    environ = connections("", sandbox.url, sandbox.aws_url) | {"AIRFLOW_HOME": str(folder / "home")}
    for number in range(120):
        put_metric_alarm(sandbox.cloudwatch, {**ALARM, "AlarmName": f"cpu {number:03}"}, NOW)
        monitors.create(sandbox.datadog, {**MONITOR, "name": f"cpu {number:03}"}, NOW)
    for source in ("cloudwatch", "datadog"):
        said = watchbill("rules", "import", source, "--json", cwd=folder, **environ)
        found = json.loads(said.out)
        assert [(one["name"], one["verdict"]) for one in found["report"]] == [
            (f"cpu {number:03}", "whole") for number in range(120)]
        assert (len(found["rules"]["groups"][0]["rules"]), len(found["metrics"]["metrics"])) == (120, 1)
