"""Stories of `watchbill doctor`, as they are read in a terminal, with the small cloud behind the connections."""

import json
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from sandbox.stack.airflow import connections
from tests.sandbox_fixtures import sandbox, sandbox_server  # noqa: F401 - fixtures
from tests.unit.cli.terminal import watchbill

pytestmark = pytest.mark.server

METRICS = """\
metrics:
  - {name: errors, sources: cloudwatch, namespace: shop, metrics: errors, dimensions: {service: "*"}, period: 1m}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "include" / "metrics").mkdir(parents=True)
    (tmp_path / "include" / "metrics" / "shop.yaml").write_text(METRICS)
    (tmp_path / "include" / "watchbill.yaml").write_text("tick: 5m\n")
    return tmp_path


@pytest.fixture
def environ(folder: Path, sandbox: Sandbox) -> dict[str, str]:  # noqa: F811
    ledger = {"conn_type": "sqlite", "host": str(folder / "ledger.db")}
    return connections("", sandbox.url, sandbox.aws_url) | {
        "AIRFLOW_CONN_WATCHBILL_LEDGER": json.dumps(ledger), "AIRFLOW_HOME": str(folder / "home")}


def test_what_is_there_and_what_is_missing_is_told_in_a_table(folder: Path, environ: dict[str, str], sandbox: Sandbox,  # noqa: F811
                                                              ) -> None:
    sandbox.allow({"cloudwatch:GetMetricData"})
    said = watchbill("doctor", cwd=folder, **environ)
    assert said.code == 1
    assert said.out.startswith(
        "status   part        connection        target          permission\n"
        "ok       collection  aws_default       its own region  sts:GetCallerIdentity\n"
        "ok       collection  aws_default       its own region  cloudwatch:GetMetricData\n"
        "missing  collection  aws_default       its own region  cloudwatch:ListMetrics\n"
        "ok       lake        -                 lake            write\n"
        "ok       lake        -                 lake            read\n"
        "ok       lake        -                 lake            delete\n"
        "ok       lake        -                 lake            list\n"
        "ok       ledger      watchbill_ledger  -               reachable\n"
        "untried  ledger      watchbill_ledger  -               schema\n"
        "missing: cloudwatch:ListMetrics of aws_default for its own region: AccessDenied")
    assert said.out.endswith("\n7 ok, 1 missing, 1 cannot be tried without writing\n")
    assert "trying collection: aws_default, its own region …\n" in said.err
    assert list((folder / "home" / "lake").iterdir()) == []


def test_programs_get_the_same_as_json_and_nothing_else_on_standard_output(folder: Path, environ: dict[str, str]):
    (folder / "include" / "alerting.yaml").write_text("route: {}\n")
    said = watchbill("doctor", "--json", cwd=folder, **environ)
    told = json.loads(said.out)
    assert (said.code, told["ok"], told["left_out"], len(told["checks"])) == (0, True, 1, 9)
    assert told["checks"][0] == {"part": "collection", "connection": "aws_default", "target": "its own region",
                                 "permission": "sts:GetCallerIdentity", "status": "ok", "said": ""}
    assert "watchbill: 1 error in include: what is broken was left out; `watchbill check` tells it\n" in said.err


def test_settings_that_cannot_be_read_are_a_sentence(folder: Path, environ: dict[str, str]):
    (folder / "include" / "watchbill.yaml").write_text("tick: soon\n")
    said = watchbill("doctor", cwd=folder, **environ)
    assert (said.code, said.out) == (1, "")
    assert "watchbill.yaml:1: tick:" in said.err
