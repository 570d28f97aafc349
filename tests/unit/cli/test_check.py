"""Stories of `watchbill check`, as they are read in a terminal."""

import json
import subprocess
import sys
from textwrap import dedent

import pytest

from tests.unit.cli.terminal import ROOT, Said, watchbill
from tests.unit.declare.folder import Include

NOTE = ("note: Alertmanager's default of group_wait, 30s, is below the tick of 5m: a group is told in the run that "
        "opens it")


@pytest.fixture
def include(tmp_path):
    return Include(tmp_path / "include")


def test_all_is_well(include, tmp_path):
    assert watchbill("check", cwd=tmp_path) == Said(
        0, f"No errors; usable: 1 metric entry, 1 rule, 2 receivers, 1 dashboard\n{NOTE}\n", "")


def test_the_shipped_declarations_pass_as_they_are():
    said = watchbill("check", cwd=ROOT)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("No errors; usable: ")
    assert said.out.splitlines()[1:] == [
        "note: group_interval 1m is below the tick of 5m: groups are looked at every 5m"]


def test_every_mistake_is_told_at_once(include, tmp_path):
    include.replace("rules/shop.yaml", "metric: errors", "metric: erors")
    include.replace("alerting.yaml", "receiver: on-call", "receiver: on-cal")
    include.write("metrics/other.yaml", "metrics: [\n")
    said = watchbill("check", cwd=tmp_path, WATCHBILL__TICK="soon")
    assert said == Said(1, dedent("""\
        error: $WATCHBILL__TICK: tick: 'soon' is no duration; write for example 30s, 5m, 1h30m or 2d
        error: include/alerting.yaml:5: route.routes[0].receiver: there is no receiver `on-cal` (did you mean `on-call`?)
        error: include/metrics/other.yaml:2: is no YAML: did not find expected node content while parsing a flow node (close the bracket or give the value)
        error: include/rules/shop.yaml:8: groups[0].rules[0].condition.metric: no entry of metrics/ collects shop/erors from cloudwatch (did you mean shop/errors?)
        4 errors; usable: 1 metric entry, 1 rule, 0 receivers, 1 dashboard
        """), "")  # noqa: E501 - as a terminal shows it


def test_warnings_are_shown_and_do_not_fail(include, tmp_path):
    include.write("alerting.yml", "route: {}\n")
    assert watchbill("check", "--include", include.path, cwd=tmp_path) == Said(0, dedent(f"""\
        warning: {include.path}/alerting.yml: is not read: nothing looks for it here (did you mean alerting.yaml?)
        1 warning; usable: 1 metric entry, 1 rule, 2 receivers, 1 dashboard
        {NOTE}
        """), "")


def test_what_a_cloud_would_not_show_is_told_with_its_line(include, tmp_path):
    include.write("dashboards/shop.yaml", """\
        id: shop
        title: Shop
        widgets:
          - {type: text, x: 0, y: 0, markdown: One}
          - type: text
            x: 3
            y: 3
            markdown: Two
        """)
    said = watchbill("check", cwd=tmp_path)
    assert (said.code, said.out.splitlines()[0]) == (
        0, "warning: include/dashboards/shop.yaml:5: widgets[1] [text at x 3, y 3]: lies over widgets[0] "
           "(move one of them)")


def test_programs_get_json(include, tmp_path):
    include.replace("rules/shop.yaml", "threshold: 100", "threshold: lots")
    said = watchbill("check", "--json", cwd=tmp_path)
    assert (said.code, said.err) == (1, "")
    assert json.loads(said.out) == {"ok": False, "errors": 1, "warnings": 0, "findings": [{
        "file": "rules/shop.yaml", "line": 12, "field": "groups[0].rules[0].condition.threshold",
        "problem": "should be a number, not `lots`", "fix": "", "severity": "error", "widget": ""}],
        "notes": [NOTE.removeprefix("note: ")]}


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    assert watchbill("check", cwd=tmp_path) == Said(
        1, "error: include: is no folder (name the folder that holds watchbill.yaml)\n"
           "1 error; usable: 0 metric entries, 0 rules, 0 receivers, 0 dashboards\n", "")


def test_the_folder_may_come_from_the_environment(include, tmp_path):
    assert watchbill("check", cwd="/", WATCHBILL_INCLUDE=str(include.path)).code == 0


HEAVY = ("airflow", "pyarrow", "duckdb", "boto3", "sqlalchemy", "slack_sdk", "datadog_api_client", "numpy", "pandas")


@pytest.mark.parametrize("words", [["check"], ["routes", "test", "severity=critical"], ["--help"]])
def test_neither_airflow_nor_any_sdk_is_imported(words):
    code = dedent(f"""\
        import sys
        from watchbill.cli.app import app
        try:
            app({words!r})
        except SystemExit as ended:
            assert not ended.code, ended.code
        heavy = sorted(set({HEAVY!r}) & set(sys.modules))
        sys.exit(f"imported {{heavy}}" if heavy else 0)
        """)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False,
                          env={"PYTHONPATH": str(ROOT / "plugins")}, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
