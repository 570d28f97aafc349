"""`watchbill doctor` against the small cloud: what is there, what is missing, and what only doing it would tell."""

import json
from pathlib import Path

import pytest

from sandbox import credentials
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.on_airflow.examining import ALERTING, Examine, examine
from tests.sandbox_fixtures import aws_client
from watchbill.doctor import Check

__all__ = ["examine"]


def by_status(checks: list[Check]) -> dict[str, list[str]]:
    return {status: [f"{one.connection} {one.permission}" for one in checks if one.status == status]
            for status in ("ok", "missing", "untried")}


def missing(checks: list[Check]) -> dict[str, str]:
    return {f"{one.connection} {one.permission}": one.said for one in checks if one.status == "missing"}


def test_where_all_is_well_only_what_would_write_is_untried(examine: Examine, sandbox: Sandbox) -> None:
    assert by_status(examine()) == {
        "ok": [
            "aws_default sts:GetCallerIdentity", "aws_default cloudwatch:GetMetricData",
            "datadog_default API key", "datadog_default timeseries_query",
            "aws_default cloudwatch:ListDashboards", "aws_default cloudwatch:GetDashboard",
            "datadog_default API key", "datadog_default dashboards_read",
            "slack_api_default auth.test", "slack_api_default chat:write", "slack_api_default files:write",
            "aws_default ses:GetEmailIdentity", "aws_default verified sender",
            "aws_default sns:GetTopicAttributes", "aws_default topic",
            "- write", "- read", "- delete", "- list", "watchbill_ledger reachable"],
        "missing": [],
        "untried": [
            "aws_default cloudwatch:PutDashboard", "aws_default cloudwatch:DeleteDashboards",
            "aws_default cloudwatch:TagResource", "aws_default cloudwatch:ListTagsForResource",
            "datadog_default dashboards_write",
            "slack_api_default channel", "aws_default ses:SendRawEmail",
            "aws_default sns:Publish", "watchbill_ledger schema"]}
    done = {operation for _, operation in sandbox.faults.calls}
    assert not [one for one in done if one.startswith(("Put", "Delete", "Create", "Send", "Publish", "chat.", "PUT"))]
    assert not sandbox.slack.messages


def test_listing_tags_roles_and_regions_are_tried_for_each_target(examine: Examine, sandbox: Sandbox) -> None:
    checks = examine(metrics=f"""\
metrics:
  - name: listed
    sources: cloudwatch
    namespace: shop
    metrics: errors
    dimensions: {{service: "=~c.*"}}
    tags: team
    period: 1m
    regions: [eu-west-1, us-east-1]
    roles:
      - {{role_arn: "{credentials.OTHER_ROLE.arn}", external_id: watchbill-external}}
      - {{role_arn: "{credentials.OTHER_ROLE.arn}", external_id: wrong}}
""")
    ok = ("sts:AssumeRole", "sts:GetCallerIdentity", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics",
          "tag:GetResources")
    collected = [one for one in checks if one.part == "collection"]
    assert [one.permission for one in collected] == [*ok] * 4
    assert [one.status for one in collected] == [*["ok"] * 10, *["missing", *["untried"] * 4] * 2]
    assert [one.target for one in collected][::5] == [
        f"in {region} as {credentials.OTHER_ROLE.arn}" for region in ("eu-west-1", "us-east-1")] * 2
    said = missing(checks)["aws_default sts:AssumeRole"]
    assert said.startswith("the role cannot be assumed: AccessDenied")
    assert said.endswith("Allow the connection's identity sts:AssumeRole, and let the role's trust policy name it, "
                         "with the same external id")


@pytest.mark.parametrize("action", [
    "cloudwatch:GetMetricData", "cloudwatch:ListDashboards", "cloudwatch:GetDashboard", "sns:GetTopicAttributes"])
def test_a_denied_action_is_named_and_the_others_go_on(examine: Examine, sandbox: Sandbox, action: str) -> None:
    everything = {"cloudwatch:GetMetricData", "cloudwatch:ListDashboards", "cloudwatch:GetDashboard",
                  "sns:GetTopicAttributes", *identity_calls()}
    sandbox.allow(everything - {action})
    checks = examine()
    assert list(missing(checks)) == [f"aws_default {action}"]
    assert f". Allow the connection's identity {action}" in missing(checks)[f"aws_default {action}"]


def identity_calls() -> set[str]:
    """The small cloud may name SES' REST calls by their paths."""
    identities = (credentials.SES_SENDER, credentials.SES_SENDER.partition("@")[2])
    return {"ses:GetEmailIdentity", *(f"ses:GET /v2/email/identities/{identity}" for identity in identities)}


def test_without_the_right_to_look_the_sender_is_not_known(examine: Examine, sandbox: Sandbox) -> None:
    sandbox.allow({"cloudwatch:GetMetricData", "cloudwatch:ListDashboards", "cloudwatch:GetDashboard",
                   "sns:GetTopicAttributes"})
    checks = examine()
    assert list(missing(checks)) == ["aws_default ses:GetEmailIdentity"]
    assert "aws_default verified sender" in by_status(checks)["untried"]


def test_a_topic_that_is_not_there_and_a_sender_that_nobody_verified_are_missing(examine: Examine) -> None:
    checks = examine(alerting=ALERTING.replace("watchbill-alerts", "watchbill-alarms").replace(
        "oncall@example.com", 'oncall@example.com, from: "A <a@other.example>"'))
    assert missing(checks) == {
        "aws_default verified sender": "SES has not verified a@other.example, nor its domain: verify one of them in "
                                       "the connection's region",
        "aws_default topic": "there is no such topic: create it, or correct topic_arn"}


def test_bad_keys_are_told_for_each_vendor_and_never_shown(examine: Examine) -> None:
    checks = examine(aws_default={"login": "AKIAUNKNOWN000000000", "password": "5ecret/" * 6},
                     datadog_default={"password": "f" * 32}, slack_api_default={"password": "xoxb-wrong-5ecret"})
    said = missing(checks)
    assert set(said) == {
        "aws_default sts:GetCallerIdentity", "aws_default cloudwatch:GetMetricData", "datadog_default API key",
        "aws_default cloudwatch:ListDashboards", "aws_default cloudwatch:GetDashboard", "slack_api_default auth.test",
        "aws_default ses:GetEmailIdentity", "aws_default sns:GetTopicAttributes"}
    assert said["slack_api_default auth.test"] == (
        "Slack answered invalid_auth. Put the bot token, which begins with xoxb-, into the connection's password")
    told = json.dumps([check.to_json() for check in checks])
    for secret in ("AKIAUNKNOWN", "5ecret", "f" * 32, credentials.DATADOG_APPLICATION_KEY):
        assert secret not in told


def test_a_connection_that_is_nowhere_stops_no_other(examine: Examine) -> None:
    checks = examine(slack_api_default=None)
    assert missing(checks) == {"slack_api_default connection": (
        "The conn_id `slack_api_default` isn't defined: add it to Airflow's connections, or set AIRFLOW_CONN_<ITS ID>")}


def test_slack_s_own_word_about_scopes_is_taken(examine: Examine, sandbox: Sandbox) -> None:
    def answered(scopes: str) -> list[tuple[str, str]]:
        sandbox.faults.add(Fault("slack", "auth.test", headers={"X-OAuth-Scopes": scopes}))
        return [(one.permission, one.status) for one in examine() if one.connection == "slack_api_default"]

    assert answered("chat:write,im:read") == [
        ("auth.test", "ok"), ("chat:write", "ok"), ("files:write", "untried"), ("channel", "untried")]
    assert ("files:write", "ok") in answered("chat:write,files:write")
    assert answered("im:read") == [("auth.test", "ok"), ("chat:write", "missing"), ("channel", "untried")]


def test_a_lake_in_a_bucket_is_tried_by_its_actions_and_left_as_it_was(examine: Examine, sandbox: Sandbox) -> None:
    checks = [one for one in examine(lake=f"s3://{credentials.S3_BUCKET}") if one.part == "lake"]
    assert [(one.permission, one.status) for one in checks] == [
        ("s3:PutObject", "ok"), ("s3:GetObject", "ok"), ("s3:DeleteObject", "ok"), ("s3:ListBucket", "ok")]
    assert "Contents" not in aws_client(sandbox, "s3").list_objects_v2(Bucket=credentials.S3_BUCKET)


@pytest.mark.parametrize("denied", ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket"])
def test_a_denied_action_of_the_lake_is_named(examine: Examine, sandbox: Sandbox, denied: str) -> None:
    sandbox.allow({"s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket"} - {denied})
    checks = [one for one in examine(lake=f"s3://{credentials.S3_BUCKET}/wb") if one.part == "lake"]
    assert [one.permission for one in checks if one.status == "missing"] == [denied]
    assert f"Allow the connection's identity {denied}" in next(iter(missing(checks).values()))


def test_an_old_ledger_is_left_as_it_is_and_a_newer_one_is_missing(examine: Examine, tmp_path: Path) -> None:
    from watchbill.alerts.ledger import Ledger

    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    schema = {one.permission: one for one in examine() if one.part == "ledger"}["schema"]
    assert (schema.status, ledger.version()) == ("untried", None)
    ledger.migrate()
    assert [one.status for one in examine() if one.part == "ledger"] == ["ok", "ok"]
    with ledger.transaction() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert missing(examine()) == {"watchbill_ledger schema": (
        "its schema 9999 is newer than this version of Watchbill: upgrade Watchbill")}


def test_a_site_that_is_none_is_told_with_what_came_of_it(examine: Examine) -> None:
    extra = {"app_key": credentials.DATADOG_APPLICATION_KEY, "site": "datadog.eu"}
    said = missing(examine(datadog_default={"password": "f" * 32, "extra": extra}))
    assert "; 'datadog.eu' is no site of Datadog's: write one of datadoghq.com" in said["datadog_default API key"]


def test_a_database_that_is_nowhere_is_told_and_nothing_of_its_password(examine: Examine) -> None:
    nowhere = {"conn_type": "postgres", "host": "127.0.0.1", "port": 9, "login": "me", "password": "5ecret"}
    (check,) = [one for one in examine(watchbill_ledger=nowhere) if one.part == "ledger"]
    assert (check.permission, check.status) == ("connection", "missing")
    assert "5ecret" not in check.said


def test_an_aws_connection_without_a_region_is_told(examine: Examine) -> None:
    said = missing(examine(aws_default={"extra": {}}))
    assert "no AWS region is set. Put region_name into the connection's extra" in said[
        "aws_default sns:GetTopicAttributes"]


@pytest.mark.parametrize("token", ["xoxb-5ecret\n", "xoxb-5écret", "xoxb 5ecret"])
def test_a_token_that_cannot_be_sent_is_not_shown(examine: Examine, token: str) -> None:
    checks = [one for one in examine(slack_api_default={"password": token}) if one.connection == "slack_api_default"]
    assert [one.status for one in checks if one.status == "ok"] == []
    assert "missing" in [one.status for one in checks]
    assert "cret" not in json.dumps([one.to_json() for one in checks]).replace("secret", "")
