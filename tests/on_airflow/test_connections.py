"""Airflow connections become the ledger's URL, the lake and the clients, or a sentence that says what is missing."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from sandbox import credentials
from sandbox.server import Sandbox
from tests.sandbox_fixtures import sandbox, sandbox_server  # noqa: F401 - fixtures
from watchbill.model.alerts import Alert, Channel, Notification
from watchbill.model.failures import LedgerError, SourceError, TransportError
from watchbill.model.series import Series
from watchbill.model.settings import LakeSettings, Settings
from watchbill.model.windows import Window

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(("declared", "url"), [
    ({"conn_type": "postgres", "host": "db", "port": 5433, "login": "me", "password": "p@ss/word", "schema": "wb"},
     "postgresql+psycopg://me:p%40ss%2Fword@db:5433/wb"),
    ({"conn_type": "postgres", "host": "/run/pg", "login": "me", "schema": "wb", "extra": {"sslmode": "require"}},
     "postgresql+psycopg://me@/wb?host=%2Frun%2Fpg&sslmode=require"),
    ({"conn_type": "sqlite", "host": "/var/lib/watchbill.db"}, "sqlite:////var/lib/watchbill.db"),
])
def test_the_ledgers_connection_becomes_its_url(declared, url, monkeypatch) -> None:
    from watchbill.on_airflow.connections import ledger_url

    monkeypatch.setenv("AIRFLOW_CONN_SOME_LEDGER", json.dumps(declared))
    assert sorted(ledger_url("some_ledger").replace("?", "&").split("&")) == sorted(url.replace("?", "&").split("&"))


def test_a_ledger_of_another_kind_is_refused_in_a_sentence(monkeypatch) -> None:
    from watchbill.on_airflow.connections import ledger_url

    monkeypatch.setenv("AIRFLOW_CONN_SOME_LEDGER", json.dumps({"conn_type": "mysql", "host": "db"}))
    with pytest.raises(LedgerError, match="'some_ledger' is of type 'mysql': the ledger lives in"):
        ledger_url("some_ledger")


def test_a_lake_in_a_bucket_is_opened_with_the_connections_keys_and_endpoint(sandbox: Sandbox, monkeypatch) -> None:  # noqa: F811
    from watchbill.on_airflow.connections import open_lake

    monkeypatch.setenv("AIRFLOW_CONN_BUCKET", json.dumps({
        "conn_type": "aws", "login": credentials.AWS_ACCESS_KEY_ID, "password": credentials.AWS_SECRET_ACCESS_KEY,
        "extra": {"region_name": credentials.AWS_REGION,
                  "service_config": {"s3": {"endpoint_url": sandbox.aws_url}}}}))
    settings = Settings(lake=LakeSettings(url=f"s3://{credentials.S3_BUCKET}/metrics", connection="bucket"))
    series = Series("cloudwatch", "1", "eu-west-1", "shop", "errors", "Sum", 60)
    points = pa.table({"series": [series.key], "timestamp": [START], "value": [1.0]}, schema=pa.schema([
        ("series", pa.int64()), ("timestamp", pa.timestamp("ms", tz="UTC")), ("value", pa.float64())]))
    window = Window.from_json({"start": "2026-03-02T10:00:00+00:00", "end": "2026-03-02T10:05:00+00:00"})
    open_lake(settings).write("cloudwatch", window, "one", points, [series], collected_at=START)
    assert open_lake(settings).read([series], window).to_pylist() == points.to_pylist()


def test_a_datadog_connection_without_its_application_key_says_so(monkeypatch) -> None:
    from watchbill.on_airflow.hooks.datadog import DatadogHook

    monkeypatch.setenv("AIRFLOW_CONN_DD", json.dumps({"conn_type": "datadog", "password": "secret0key"}))
    with pytest.raises(SourceError, match="'dd' lacks a key: put the API key into its password") as caught:
        _ = DatadogHook("dd").client
    assert "secret0key" not in str(caught.value)


def test_mail_without_a_sender_is_refused_for_good_and_says_where_to_write_one(monkeypatch) -> None:
    from watchbill.on_airflow.senders import Sender

    monkeypatch.setenv("AIRFLOW_CONN_MAIL", json.dumps({"conn_type": "aws", "extra": {"region_name": "eu-west-1"}}))
    alert = Alert({"alertname": "A"}, START)
    notification = Notification("1", "k", {}, "r", "firing", (alert,), Channel("email", "a@example.com", "mail"))
    with pytest.raises(TransportError, match="`from_email` into the extra of the Airflow connection 'mail'") as caught:
        Sender()(notification)
    assert caught.value.permanent


def test_a_connection_is_asked_for_once_for_all_that_goes_through_it(monkeypatch, sandbox: Sandbox) -> None:  # noqa: F811
    """A client takes longer to make than a message to send."""
    from watchbill.on_airflow.senders import Sender

    monkeypatch.setenv("AIRFLOW_CONN_TOPICS", json.dumps({
        "conn_type": "aws", "login": credentials.AWS_ACCESS_KEY_ID, "password": credentials.AWS_SECRET_ACCESS_KEY,
        "extra": {"region_name": credentials.AWS_REGION, "endpoint_url": sandbox.aws_url}}))
    alert = Alert({"alertname": "A"}, START)
    told = Notification("1", "k", {}, "r", "firing", (alert,), Channel("sns", credentials.SNS_TOPIC_ARN, "topics"))
    send = Sender()
    send(told)
    monkeypatch.delenv("AIRFLOW_CONN_TOPICS")
    send(told)
    assert len(sandbox.aws.topics.all()) == 2


def test_aws_is_told_that_watchbill_calls(monkeypatch) -> None:
    """The provider's own search for the caller goes through every module of the process."""
    from watchbill.on_airflow.hooks.aws import CloudWatchHook, SesHook, SnsHook, TaggingHook

    monkeypatch.setenv("AIRFLOW_CONN_CALLS", json.dumps({
        "conn_type": "aws", "login": "AKIA", "password": "x", "extra": {"region_name": "eu-west-1"}}))
    for hook in (CloudWatchHook, TaggingHook, SesHook, SnsHook):
        assert " Caller/Watchbill " in hook("calls").conn.meta.config.user_agent_extra
