"""Everything that Watchbill does, with the permissions of docs/permissions.md and no others; each of them is used."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sandbox import credentials
from sandbox.permissions import AWS_SERVICES, action
from sandbox.server import Sandbox
from tests.on_airflow.examining import ALERTING, Examine, examine
from tests.unit.channels.made import notification
from tests.unit.sources.entries import entry
from watchbill.flows.apply_dashboards import Terms
from watchbill.flows.collect_metrics import collect_share
from watchbill.flows.dashboard_memory import Memory
from watchbill.flows.plan_collection import plan_collection
from watchbill.flows.sync_dashboards import sync_dashboards
from watchbill.flows.tend_lake import tend_lake
from watchbill.model.alerts import Channel, Picture
from watchbill.model.dashboards import Dashboard
from watchbill.model.permissions import Vendor, of
from watchbill.model.places import usual_places
from watchbill.model.series import SOURCES
from watchbill.model.settings import HeartbeatSettings, LakeSettings, Settings
from watchbill.model.windows import Window

__all__ = ["examine"]

NOW = datetime.now(UTC)
LAKE = f"s3://{credentials.S3_BUCKET}/watchbill"
METRICS = f"""\
metrics:
  - name: errors
    sources: cloudwatch
    namespace: AWS/EC2
    metrics: CPUUtilization
    dimensions: {{InstanceId: "*"}}
    tags: team
    period: 1m
    roles: {{role_arn: "{credentials.OTHER_ROLE.arn}", external_id: watchbill-external}}
  - {{name: datadog, sources: datadog, namespace: shop, metrics: errors, period: 1m}}
"""
_UNTRIED = {"cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards", "cloudwatch:TagResource",
            "cloudwatch:ListTagsForResource", "cloudwatch:PutMetricAlarm", "cloudwatch:PutMetricData",
            "ses:SendRawEmail", "sns:Publish", "sts:GetCallerIdentity"}
_DATADOG = {"GET /api/v1/metrics": "metrics_read", "POST /api/v2/query/timeseries": "timeseries_query",
            "GET /api/v1/query": "timeseries_query",
            "GET /api/v1/dashboard": "dashboards_read", "GET /api/v1/dashboard/{id}": "dashboards_read",
            "POST /api/v1/dashboard": "dashboards_write", "PUT /api/v1/dashboard/{id}": "dashboards_write",
            "DELETE /api/v1/dashboard/{id}": "dashboards_write",
            "GET /api/v1/validate": ""}  # the API key alone
_SLACK = {"chat.postMessage": "chat:write", "chat.update": "chat:write", "auth.test": "",
          "files.getUploadURLExternal": "files:write", "upload": "files:write",
          "files.completeUploadExternal": "files:write"}


def names(vendor: Vendor) -> set[str]:
    return {permission.name for permission in of(vendor)}


def allow(sandbox: Sandbox, without: str = "") -> None:
    sandbox.allow(as_called(names("aws") - {without}), datadog=names("datadog") - {without},
                  slack=names("slack") - {without})


def as_called(actions: set[str]) -> set[str]:
    """IAM checks a raw message as another action than the call's name, and the small cloud may name calls by paths."""
    more = {"ses:SendEmail"} if "ses:SendRawEmail" in actions else set()
    if "ses:GetEmailIdentity" in actions:
        sender = credentials.SES_SENDER
        more |= {f"ses:GET /v2/email/identities/{one}" for one in (sender, sender.partition("@")[2])}
    return actions | more


def used(sandbox: Sandbox) -> dict[str, set[str]]:
    """What was called, by the names of permissions."""
    found: dict[str, set[str]] = {"aws": set(), "datadog": set(), "slack": set()}
    for service, operation in sandbox.faults.calls:
        if service in AWS_SERVICES:
            name = "GetEmailIdentity" if operation.startswith("GET /v2/email/identities/") else operation
            called = action(service, name)
            found["aws"].add("ses:SendRawEmail" if called == "ses:SendEmail" else called)
        else:
            found[service].add({"datadog": _DATADOG, "slack": _SLACK}[service][operation])
    return {vendor: called - {""} for vendor, called in found.items()}


def collect(sandbox: Sandbox, settings: Settings) -> None:
    """Both sources, into the lake: metrics that are listed, joined with tags, through a role and without."""
    from watchbill.on_airflow.connections import open_lake
    from watchbill.on_airflow.readers import readers

    role = {"role_arn": credentials.OTHER_ROLE.arn, "external_id": "watchbill-external"}
    entries = [entry(), entry(name="listed", sources="cloudwatch", namespace="AWS/EC2", metrics="CPUUtilization",
                              dimensions={"InstanceId": "*"}, tags="team", roles=role)]
    window = Window(NOW - timedelta(days=2), NOW - timedelta(days=2, minutes=-10)).aligned(60)
    for account in (credentials.AWS_ACCOUNT, credentials.OTHER_ACCOUNT):
        sandbox.cloudwatch_of(account).put("AWS/EC2", "CPUUtilization", {"InstanceId": "i-1"},
                                           [window.start.timestamp()], [1.0])
    sandbox.cloudwatch.put("shop", "errors", {"service": "checkout"}, [window.start.timestamp()], [1.0])
    sandbox.datadog.put("shop.errors", {"service": "checkout"}, [window.start.timestamp()], [1.0])
    lake = open_lake(settings)
    opened = readers(lake)
    for source in SOURCES:
        for share in plan_collection(entries, source, window, opened, lake, now=NOW):
            assert collect_share(share, opened, lake, now=NOW)["points"]
    assert len(lake.read(lake.series(), window)) == 3


def sync(settings: Settings) -> None:
    """Created, looked at, corrected and deleted in both clouds."""
    from watchbill.on_airflow.connections import open_cloud

    memory = Memory(None, holder="", clock=lambda: NOW)  # which makes the clouds prove what is ours
    for titles in (["Shop"], ["The shop"], []):
        boards = [Dashboard.model_validate({"id": "shop", "title": title, "widgets": [
            {"type": "text", "markdown": title, "x": 0, "y": 0, "width": 6, "height": 2}]}) for title in titles]
        clouds = {place: open_cloud(place, settings) for place in usual_places(settings.dashboards)}
        found = sync_dashboards(boards, clouds, memory, settings.dashboards, Terms())
        assert [one.action for one in found.synced if one.error or one.action == "unchanged"] == []


def deliver() -> None:
    from watchbill.on_airflow.senders import Sender

    send = Sender()
    for channel in (Channel("slack", "#alerts", "slack_api_default"), Channel("email", "a@b.example", "aws_default"),
                    Channel("sns", credentials.SNS_TOPIC_ARN, "aws_default")):
        send(replace(notification(), channel=channel, picture=Picture(b"\x89PNG", "errors")))


def beat(settings: Settings) -> None:
    from watchbill.on_airflow.operators import watch_watchbill

    watch_watchbill.beat(settings.model_copy(update={
        "heartbeat": HeartbeatSettings(topic_arn=credentials.SNS_TOPIC_ARN)}))


def discover() -> None:
    """What `watchbill metrics` finds for new entries, of Datadog; of CloudWatch it lists as a plan does."""
    from watchbill.on_airflow.hooks.datadog import DatadogHook
    from watchbill.sources.datadog.listing import A_DAY, active_metrics

    hook = DatadogHook()
    active_metrics(hook.client, hook.site, hook.datadog_conn_id, "shop.", NOW - A_DAY)


def test_the_permissions_of_the_docs_are_enough_and_each_is_used(examine: Examine, sandbox: Sandbox) -> None:
    settings = Settings(lake=LakeSettings(url=LAKE))
    allow(sandbox)
    assert [one for one in examine(metrics=METRICS, lake=LAKE, heartbeat=True) if one.status == "missing"] == []
    collect(sandbox, settings)
    sync(settings)
    deliver()
    discover()
    beat(settings)
    from watchbill.on_airflow.connections import open_lake

    tend_lake(open_lake(settings), now=NOW + timedelta(days=1), settings=settings, entries=None)
    assert used(sandbox) == {vendor: names(vendor) for vendor in ("aws", "datadog", "slack")}


@pytest.mark.parametrize("name", [*sorted(names("aws") - _UNTRIED), "timeseries_query", "dashboards_read"])
def test_a_permission_that_is_not_there_is_the_one_that_is_named(examine: Examine, sandbox: Sandbox, name: str) -> None:
    allow(sandbox, without=name)
    found = examine(metrics=METRICS, lake=LAKE, alerting=ALERTING, heartbeat=True)
    assert {one.permission for one in found if one.status == "missing"} == {name}
