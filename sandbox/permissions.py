"""What the callers are allowed to do: each vendor's own names of operations or scopes; None allows all.

A service asks before it does its work, and refuses in its own words.
"""

from collections.abc import Collection
from fnmatch import fnmatchcase

# Operations whose IAM action has another name: docs.aws.amazon.com/service-authorization/latest/reference/
_ACTIONS = {
    ("s3", "HeadObject"): "s3:GetObject",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "CreateMultipartUpload"): "s3:PutObject",
    ("s3", "UploadPart"): "s3:PutObject",
    ("s3", "CompleteMultipartUpload"): "s3:PutObject",
    ("s3", "DeleteObjects"): "s3:DeleteObject",
}
_PREFIXES = {"tagging": "tag"}
AWS_SERVICES = ("cloudwatch", "tagging", "sns", "ses", "s3", "sts")
_ALWAYS = "sts:GetCallerIdentity"  # needs no permission, and none can be taken away


def action(service: str, operation: str) -> str:
    """The IAM action of an AWS operation: cloudwatch:GetMetricData, s3:ListBucket, tag:GetResources."""
    return _ACTIONS.get((service, operation), f"{_PREFIXES.get(service, service)}:{operation}")


def denied(principal: str, action: str, resource: str | None = None) -> str:
    """The sentence with which most of AWS refuses."""
    on = f" on resource: {resource}" if resource else ""
    return (f"User: {principal} is not authorized to perform: {action}{on} because no identity-based policy allows "
            f"the {action} action")


class Permissions:
    """Sets of allowed actions (AWS) and scopes (Datadog, Slack)."""

    def __init__(self) -> None:
        self.aws: frozenset[str] | None = None
        self.datadog: frozenset[str] | None = None
        self.slack: frozenset[str] | None = None

    def allow(self, aws: Collection[str] | None, datadog: Collection[str] | None,
              slack: Collection[str] | None) -> None:
        self.aws, self.datadog, self.slack = (None if one is None else frozenset(one) for one in (aws, datadog, slack))

    def allows(self, action: str) -> bool:
        """Whether an IAM action may be done; what is allowed may be `s3:*`, as in a policy."""
        return self.aws is None or action == _ALWAYS or any(fnmatchcase(action, one) for one in self.aws)
