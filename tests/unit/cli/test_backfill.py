"""Stories of `watchbill backfill`, as they are read in a terminal, with the small cloud behind the connections."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from sandbox.server import Sandbox
from sandbox.stack.airflow import connections
from tests.sandbox_fixtures import sandbox, sandbox_server  # noqa: F401 - fixtures
from tests.targets import CLOUDWATCH
from tests.unit.cli.terminal import ROOT, Said, watchbill

pytestmark = pytest.mark.server
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
OLD = ("errors: CloudWatch in eu-west-1 lists metrics of the last 14 days only; those that fell silent before are "
       "collected by their names")

METRICS = """\
metrics:
  - name: errors
    sources: [cloudwatch, datadog]
    namespace: shop
    metrics: [errors, requests]
    statistics: [Sum, Average, Maximum]
    dimensions: {service: "*"}
    period: 60s
  - name: latency
    sources: cloudwatch
    connections: {cloudwatch: aws_second}
    namespace: shop
    metrics: latency
    dimensions: {service: checkout}
    period: 60s
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "include" / "metrics").mkdir(parents=True)
    (tmp_path / "include" / "metrics" / "shop.yaml").write_text(METRICS)
    return tmp_path


@pytest.fixture
def environ(folder: Path, sandbox: Sandbox) -> dict[str, str]:  # noqa: F811
    """Two services in the cloud, and Airflow's connections to it."""
    for metric in ("errors", "requests"):
        for service in ("checkout", "search"):
            sandbox.cloudwatch.put("shop", metric, {"service": service}, [NOW.timestamp() - 3600], [1.0])
    here = connections("", sandbox.url, sandbox.aws_url)
    return here | {"AIRFLOW_CONN_AWS_SECOND": here["AIRFLOW_CONN_AWS_DEFAULT"], "AIRFLOW_HOME": str(folder / "home")}


def ago(days: int) -> str:
    return f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def plan(source: str, days: int, *words: object, cwd: Path, **environ: str) -> Said:
    window = ("--source", source, "--start", ago(days), "--end", ago(0))
    return watchbill("backfill", "plan", *window, *words, cwd=cwd, **environ)


def test_a_plan_is_told_for_each_connection_and_in_all(folder: Path, environ: dict[str, str]):
    said = plan("cloudwatch", 14, cwd=folder, **environ)
    assert said == Said(0, (
        f"cloudwatch {ago(14)}/{ago(0)}: 13 series\n"
        "connection   calls  billed metrics  price     points at most  time at least\n"
        "aws_default      4               4  $0.00004          241920  3s\n"
        "aws_second       1               1  $0.00001           20160  1s\n"
        "total            5               5  $0.00005          262080  3s\n"
        f"warning: {OLD}\n"), "")


def test_programs_get_the_same_figures_as_json(folder: Path, environ: dict[str, str]):
    said = plan("cloudwatch", 14, "--metrics", "errors", "--json", cwd=folder, **environ)
    figures = {"calls": 4, "billed_metrics": 4, "dollars": 0.00004, "points_at_most": 241_920, "expected_s": 2.688,
               "open_ended": 0}
    assert json.loads(said.out) == {
        "source": "cloudwatch", "series": 12, "window": {
            "start": f"{NOW - timedelta(days=14):%Y-%m-%dT%H:%M:%S}+00:00",
            "end": f"{NOW:%Y-%m-%dT%H:%M:%S}+00:00"},
        "targets": [{**CLOUDWATCH.to_json(), **figures}], "total": figures, "warnings": [OLD],
        "failed": []}
    assert (said.code, said.err) == (0, "")


def test_nothing_is_collected_for_a_plan(folder: Path, environ: dict[str, str], sandbox: Sandbox):  # noqa: F811
    assert plan("cloudwatch", 1, "--metrics", "errors", cwd=folder, **environ).code == 0
    assert {call for call in sandbox.faults.calls if call[0] == "cloudwatch"} == {("cloudwatch", "ListMetrics")}
    assert not (folder / "home" / "lake").exists()


def test_what_planning_finds_out_is_told_below(folder: Path, environ: dict[str, str], sandbox: Sandbox):  # noqa: F811
    sandbox.cloudwatch.reset()
    said = plan("cloudwatch", 1, "--metrics", "errors", cwd=folder, **environ)
    assert said.out.splitlines()[1:4] == [
        "connection  calls  billed metrics  price     points at most  time at least",
        "total           0               0  $0.00000               0  0s",
        "warning: errors: CloudWatch in eu-west-1 lists no metric shop/errors with exactly the dimensions service"]


def test_a_connection_in_airflows_database_is_found(folder: Path, environ: dict[str, str]):
    secret = environ.pop("AIRFLOW_CONN_DATADOG_DEFAULT")
    add = """\
        import sys
        from airflow import settings
        from airflow.models import Connection
        from airflow.utils.db import initdb
        initdb()
        settings.Session().add(Connection.from_json(sys.argv[1], conn_id="datadog_default"))
        settings.Session().commit()
        """
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    plain |= {"PYTHONPATH": str(ROOT / "plugins"), "AIRFLOW_HOME": environ["AIRFLOW_HOME"]}
    subprocess.run([sys.executable, "-c", dedent(add), secret], check=True, cwd=folder, timeout=120,
                   capture_output=True, env=plain)
    said = plan("datadog", 2, cwd=folder, **environ)
    assert said == Said(0, (
        f"datadog {ago(2)}/{ago(0)}: 6 series\n"
        "connection       calls  billed metrics  price     points at most  time at least\n"
        "datadog_default      2               0  $0.00000           17280  -\n"), "")


def test_a_connection_that_is_nowhere_is_a_sentence(folder: Path, environ: dict[str, str]):
    del environ["AIRFLOW_CONN_DATADOG_DEFAULT"]
    assert plan("datadog", 2, cwd=folder, **environ) == Said(
        1, "", "watchbill: The conn_id `datadog_default` isn't defined: add it to Airflow's connections, or set "
               "AIRFLOW_CONN_<ITS ID>\n")


def test_an_aws_connection_without_a_region_is_a_sentence(folder: Path, environ: dict[str, str]):
    environ["AIRFLOW_CONN_AWS_DEFAULT"] = json.dumps({"conn_type": "aws"})
    said = plan("cloudwatch", 2, cwd=folder, **environ)
    assert said.code == 1
    assert said.out.splitlines()[2].startswith("aws_second ")
    assert said.err == ("watchbill: CloudWatch in no region (connection aws_default), connecting: no AWS region is "
                        "set. Put region_name into the connection's extra\n")


def test_a_period_that_cloudwatch_no_longer_keeps_is_refused_naming_the_one_that_is(folder: Path, environ):
    said = plan("cloudwatch", 16, cwd=folder, **environ)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("watchbill: CloudWatch in eu-west-1 (connection aws_default), planning for errors: "
                               "CloudWatch has no points every 1m for ")
    assert said.err.endswith("Write `period: 5m`, or ask for a later start\n")


def test_an_entry_that_is_not_there_is_a_sentence(folder: Path):
    assert plan("cloudwatch", 1, "--metrics", "eror", cwd=folder) == Said(
        1, "", "watchbill: no metric entry is called eror; there are errors, latency\n")


@pytest.mark.parametrize(("words", "says"), [
    (["--source", "cloudwatch", "--start", "soon", "--end", "2026-01-02"],
     "Invalid value for '--start': 'soon' is no time; write for example 2026-01-31T12:00:00Z"),
    (["--source", "cloudwatch", "--start", "2026-01-02", "--end", "2026-01-02"],
     "Invalid value for --end: it does not come after --start"),
    (["--source", "prometheus", "--start", "2026-01-01", "--end", "2026-01-02"],
     "'prometheus' is not one of 'cloudwatch', 'datadog'."),
    (["--source", "datadog", "--start", "2026-01-01"], "Missing option '--end'."),
])
def test_a_plan_without_a_window_or_source_is_no_plan(words: list[str], says: str, folder: Path):
    said = watchbill("backfill", "plan", *words, cwd=folder)
    assert (said.code, said.out) == (2, "")
    assert said.err.endswith(f"{says}\n")
