"""What Watchbill has to be allowed at each vendor, and why: one table, of which policies and docs are made."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Vendor = Literal["aws", "datadog", "slack"]
Part = Literal["collection", "dashboards", "notifications", "heartbeat", "lake", "ledger"]

_ROLE = "arn:aws:iam::ACCOUNT:role/ROLE"
_SENDER = "arn:aws:ses:REGION:ACCOUNT:identity/SENDER"
_TOPIC = "arn:aws:sns:REGION:ACCOUNT:TOPIC"
_BUCKET = "arn:aws:s3:::BUCKET"
_LAKE = "arn:aws:s3:::BUCKET/PREFIX/*"


@dataclass(frozen=True)
class Permission:
    """An IAM action, a scope of Datadog's application key, or a scope of Slack's bot token."""

    vendor: Vendor
    name: str
    part: Part
    why: str
    resource: str = "*"  # the narrowest that AWS takes; words in capitals are to be replaced


PERMISSIONS: tuple[Permission, ...] = (
    Permission("aws", "cloudwatch:GetMetricData", "collection", "reads the points"),
    Permission("aws", "cloudwatch:ListMetrics", "collection",
               "finds the metrics behind `*`, behind an expression in a dimension, and of linked accounts"),
    Permission("aws", "sts:AssumeRole", "collection",
               "where an entry has `roles`, or the connection a `role_arn`", _ROLE),
    Permission("aws", "sts:GetCallerIdentity", "collection",
               "tells the account's number; AWS allows it to everybody"),
    Permission("aws", "tag:GetResources", "collection", "reads the tags of resources, where an entry has `tags`"),
    Permission("aws", "cloudwatch:GetDashboard", "dashboards", "compares what is there with what is declared"),
    Permission("aws", "cloudwatch:ListDashboards", "dashboards", "finds the dashboards that are there"),
    Permission("aws", "cloudwatch:PutDashboard", "dashboards", "creates and corrects dashboards"),
    Permission("aws", "cloudwatch:DeleteDashboards", "dashboards", "deletes ours that are declared no more"),
    Permission("aws", "cloudwatch:TagResource", "dashboards", "tags dashboards as ours, and with their own tags"),
    Permission("aws", "cloudwatch:ListTagsForResource", "dashboards",
               "makes sure that a dashboard is ours, where the ledger does not know it"),
    # SES v2's SendEmail of a raw message is checked as this: github.com/anymail/django-anymail/issues/384
    Permission("aws", "ses:SendRawEmail", "notifications", "sends mail, by SendEmail with a raw message", _SENDER),
    Permission("aws", "ses:GetEmailIdentity", "notifications",
               "only for `watchbill doctor`: whether the sender is verified", _SENDER),
    Permission("aws", "sns:Publish", "notifications", "sends to a topic", _TOPIC),
    Permission("aws", "sns:GetTopicAttributes", "notifications",
               "only for `watchbill doctor`: whether the topic is there", _TOPIC),
    Permission("aws", "cloudwatch:PutMetricData", "heartbeat", "puts the heartbeat, where one is declared"),
    Permission("aws", "cloudwatch:DescribeAlarms", "heartbeat", "compares the heartbeat's alarm with what is declared"),
    Permission("aws", "cloudwatch:PutMetricAlarm", "heartbeat", "declares the alarm on the heartbeat's absence",
               "arn:aws:cloudwatch:REGION:ACCOUNT:alarm:ALARM"),
    Permission("aws", "s3:ListBucket", "lake", "finds the files of a day", _BUCKET),
    Permission("aws", "s3:GetObject", "lake", "reads points", _LAKE),
    Permission("aws", "s3:PutObject", "lake", "writes points", _LAKE),
    Permission("aws", "s3:DeleteObject", "lake", "removes files that were compacted, or are older than the retention",
               _LAKE),
    Permission("datadog", "timeseries_query", "collection", "reads the points"),
    Permission("datadog", "metrics_read", "collection",
               "only for `watchbill metrics discover`: which metrics the organisation has"),
    Permission("datadog", "dashboards_read", "dashboards", "compares what is there with what is declared"),
    Permission("datadog", "dashboards_write", "dashboards", "creates, corrects and deletes dashboards"),
    Permission("slack", "chat:write", "notifications",
               "posts to the channels that the bot is a member of, and to all public ones with chat:write.public"),
    Permission("slack", "files:write", "notifications",
               "uploads the pictures of messages; without it they go without"),
)


def of(vendor: Vendor) -> list[Permission]:
    return [each for each in PERMISSIONS if each.vendor == vendor]


def policy(permissions: Iterable[Permission] = PERMISSIONS) -> dict[str, Any]:
    """The least IAM policy: a statement for each part and resource. Other vendors' permissions are left out."""
    statements: dict[tuple[Part, str], list[str]] = {}
    for each in permissions:
        if each.vendor == "aws":
            statements.setdefault((each.part, each.resource), []).append(each.name)
    return {"Version": "2012-10-17", "Statement": [
        {"Sid": f"{part.capitalize()}{_words(resource)}", "Effect": "Allow", "Action": sorted(actions),
         "Resource": resource} for (part, resource), actions in statements.items()]}


def _words(resource: str) -> str:
    """`Role` for …/ROLE: statements of one part have to have different names."""
    last = resource.rstrip("/*").rpartition("/")[2].rpartition(":")[2]
    return last.capitalize()
