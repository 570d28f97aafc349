"""Declarations and connections to the small cloud, made for one examination of `watchbill doctor`."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from moto.backends import get_backend

from sandbox import credentials
from sandbox.server import Sandbox
from sandbox.stack.airflow import connections
from tests.sandbox_fixtures import aws_client
from watchbill.declare.load import load
from watchbill.doctor import Check, examinations

NOW = datetime.now(UTC)
METRICS = """\
metrics:
  - {name: named, sources: [cloudwatch, datadog], namespace: shop, metrics: errors, period: 1m}
"""
ALERTING = """\
route: {receiver: ops}
receivers:
  - name: ops
    slack_configs: [{channel: "#alerts"}]
    email_configs: [{to: oncall@example.com}]
    sns_configs: [{topic_arn: "%s"}]
""" % credentials.SNS_TOPIC_ARN  # noqa: UP031
HEARTBEAT = f"heartbeat: {{topic_arn: \"{credentials.SNS_TOPIC_ARN}\"}}\n"
DASHBOARD = """\
id: shop
title: Shop
widgets:
  - {type: text, markdown: Hello, x: 0, y: 0, width: 6, height: 2}
"""
Examine = Callable[..., list[Check]]


@pytest.fixture
def examine(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examine:
    """Declarations and connections that may be changed, a verified sender -> what was found."""
    include = tmp_path / "include"
    verify(sandbox, credentials.SES_SENDER)

    def found(*, metrics: str = METRICS, alerting: str = ALERTING, lake: str = str(tmp_path / "lake"),
              heartbeat: bool = False,
              **changed: Mapping[str, Any] | None) -> list[Check]:
        files = {"metrics/m.yaml": metrics, "alerting.yaml": alerting, "dashboards/shop.yaml": DASHBOARD,
                 "watchbill.yaml": f"lake: {{url: \"{lake}\"}}\n" + HEARTBEAT * heartbeat}
        for name, text in files.items():
            (include / name).parent.mkdir(parents=True, exist_ok=True)
            (include / name).write_text(text)
        here = connections("", sandbox.url, sandbox.aws_url)
        here["AIRFLOW_CONN_WATCHBILL_LEDGER"] = json.dumps({"conn_type": "sqlite", "host": str(tmp_path / "ledger.db")})
        for conn_id, fields in changed.items():
            name = f"AIRFLOW_CONN_{conn_id.upper()}"
            here[name] = json.dumps(json.loads(here.get(name, "{}")) | dict(fields or {}))
            if fields is None:
                del here[name]
        for name in ("AIRFLOW_CONN_SLACK_API_DEFAULT", "AIRFLOW_CONN_DATADOG_DEFAULT", "AIRFLOW_CONN_AWS_DEFAULT"):
            monkeypatch.delenv(name, raising=False)
        for name, value in here.items():
            monkeypatch.setenv(name, value)
        return examined(include)
    return found


def verify(sandbox: Sandbox, sender: str) -> None:
    """As SES says it; moto knows of no verification in v2."""
    aws_client(sandbox, "sesv2").create_email_identity(EmailIdentity=sender)
    identity = get_backend("ses")[credentials.AWS_ACCOUNT][credentials.AWS_REGION].email_identities[sender]
    identity.verified_for_sending_status = True
    sandbox.faults.reset()


def examined(include: Path) -> list[Check]:
    from watchbill.on_airflow.probes import AirflowOpeners

    declared = load(include, {})
    assert not [one for one in declared.findings if one.severity == "error"]
    return [check for each in examinations(declared, AirflowOpeners(declared.require_settings()), NOW)
            for check in each.checks()]
