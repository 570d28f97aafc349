"""AWS, tried: the calls of collection, dashboards and notifications, and those that only look."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from watchbill.doctor.checks import Check, Outcome, Subject
from watchbill.model.failures import SourceError
from watchbill.model.metrics import ANY, MetricEntry, is_fixed
from watchbill.model.targets import Target
from watchbill.sources.errors import Asked, quoted
from watchbill.sources.errors.cloudwatch import explained

Open = Callable[[str, Target], Any]  # opening is part of what is tried: it may assume a role

_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
_NOWHERE = "watchbill-doctor-looks-for-nothing"
_NO_DASHBOARD = ("ResourceNotFound", "DashboardNotFoundError")  # the model's name, and the one that the service sends
_NO_IDENTITY = ("NotFoundException",)
_NO_TOPIC = ("NotFound", "NotFoundException")
_NO_ROLE = "the role cannot be assumed"
OK = Outcome("ok")


def collection(open_client: Open, target: Target, entries: Sequence[MetricEntry], subject: Subject,
               now: datetime) -> Iterator[Check]:
    """GetMetricData is asked for one metric that nobody has: $0.00001. The other calls are free."""
    later = ["cloudwatch:GetMetricData", *(["cloudwatch:ListMetrics"] if any(map(_lists, entries)) else []),
             *(["tag:GetResources"] if any(entry.tags for entry in entries) else [])]
    identity = tried(subject, "sts:GetCallerIdentity", lambda: open_client("sts", target).get_caller_identity())
    if identity.said.startswith(_NO_ROLE):
        yield subject.check("sts:AssumeRole", identity)
        yield from (subject.untried(each, _NO_ROLE) for each in ("sts:GetCallerIdentity", *later))
        return
    if target.role:
        yield subject.check("sts:AssumeRole", OK if identity.status == "ok" else Outcome("untried", identity.said))
    yield subject.check("sts:GetCallerIdentity", identity)
    for action in later:
        yield subject.check(action, tried(subject, action, _reading(action, open_client, target, entries, now)))


def dashboards(open_client: Callable[[], Any], subject: Subject) -> Iterator[Check]:
    """A dashboard that cannot be there is asked for: what is not allowed is refused before."""
    yield subject.check("cloudwatch:ListDashboards", tried(
        subject, "cloudwatch:ListDashboards",
        lambda: open_client().list_dashboards(DashboardNamePrefix=_NOWHERE)))
    yield subject.check("cloudwatch:GetDashboard", tried(
        subject, "cloudwatch:GetDashboard",
        lambda: open_client().get_dashboard(DashboardName=_NOWHERE), _NO_DASHBOARD))
    for action in ("PutDashboard", "DeleteDashboards", "TagResource", "ListTagsForResource"):
        yield subject.untried(f"cloudwatch:{action}", "only writing a dashboard tells; sync_dashboards does")


def heartbeat(open_client: Callable[[], Any], alarm: str, subject: Subject) -> Iterator[Check]:
    yield subject.check("cloudwatch:DescribeAlarms", tried(
        subject, "cloudwatch:DescribeAlarms", lambda: open_client().describe_alarms(AlarmNames=[alarm])))
    for action in ("cloudwatch:PutMetricData", "cloudwatch:PutMetricAlarm"):
        yield subject.untried(action, "only doing it tells; watch_airflow does")


def sender(open_client: Callable[[], Any], address: str, subject: Subject) -> Iterator[Check]:
    """A sender is verified by itself or by its domain; without GetEmailIdentity, which sending needs not, who knows."""
    action, plain, verified = "ses:GetEmailIdentity", parseaddr(address)[1], False
    outcome = OK
    for identity in (plain, plain.rpartition("@")[2]):
        answers: list[Any] = []
        outcome = tried(subject, action, partial(_into, answers, open_client, "get_email_identity",
                                                 EmailIdentity=identity), _NO_IDENTITY)
        verified = any(answer.get("VerifiedForSendingStatus") for answer in answers)
        if verified or outcome.status != "ok":
            break
    yield subject.check(action, outcome)
    if outcome.status != "ok":
        yield subject.untried("verified sender", f"it cannot be known without {action}")
    else:
        yield subject.check("verified sender", OK if verified else Outcome(
            "missing", f"SES has not verified {plain}, nor its domain: verify one of them in the connection's region"))
    yield subject.untried("ses:SendRawEmail", "only sending a mail tells")


def topic(open_client: Callable[[], Any], arn: str, subject: Subject) -> Iterator[Check]:
    action, answers = "sns:GetTopicAttributes", list[Any]()
    outcome = tried(subject, action, partial(_into, answers, open_client, "get_topic_attributes", TopicArn=arn),
                    _NO_TOPIC)
    yield subject.check(action, outcome)
    if outcome.status != "ok":
        yield subject.untried("topic", f"whether it is there cannot be known without {action}")
    else:
        yield subject.check("topic", OK if answers else Outcome(
            "missing", "there is no such topic: create it, or correct topic_arn"))
    yield subject.untried("sns:Publish", "only publishing tells")


def _into(answers: list[Any], open_client: Callable[[], Any], method: str, **arguments: Any) -> None:
    answers.append(getattr(open_client(), method)(**arguments))


def tried(subject: Subject, action: str, call: Callable[[], object], absent: Sequence[str] = ()) -> Outcome:
    """`absent`: codes that only say that the thing is not there, and so that one may ask for it."""
    try:
        with explained(Asked("AWS", subject.target, subject.connection, action)):
            return _answered(action, call, absent)
    except SourceError as error:
        return Outcome("missing", str(error))


def _answered(action: str, call: Callable[[], object], absent: Sequence[str]) -> Outcome:
    try:
        call()
    except ClientError as error:
        said = error.response.get("Error", {})
        code, message = str(said.get("Code", "")), quoted(said.get("Message", ""))
        if code in absent:
            return OK
        if error.operation_name == "AssumeRole":
            return Outcome("missing", f"{_NO_ROLE}: {code}: {message}. Allow the connection's identity sts:AssumeRole, "
                           "and let the role's trust policy name it, with the same external id")
        if code in _DENIED:
            return Outcome("missing", f"{code}: {message}. Allow the connection's identity {action}")
        raise
    return OK


def _reading(action: str, open_client: Open, target: Target, entries: Sequence[MetricEntry],
             now: datetime) -> Callable[[], object]:
    if action == "tag:GetResources":
        return lambda: open_client("resourcegroupstaggingapi", target).get_resources(ResourcesPerPage=1)
    if action == "cloudwatch:ListMetrics":
        namespace = next(entry.namespace for entry in entries if _lists(entry))
        return lambda: open_client("cloudwatch", target).list_metrics(Namespace=namespace, RecentlyActive="PT3H")
    start = now.replace(second=0, microsecond=0) - timedelta(minutes=5)
    metric = {"Namespace": "Watchbill", "MetricName": "doctor"}
    query = {"Id": "m0", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    return lambda: open_client("cloudwatch", target).get_metric_data(
        MetricDataQueries=[query], StartTime=start, EndTime=start + timedelta(minutes=1))


def _lists(entry: MetricEntry) -> bool:
    """Whether the declaration alone does not tell which metrics these are."""
    named = not any(ANY in metric for metric in entry.metrics) and all(map(is_fixed, entry.dimensions.values()))
    return not entry.expression and (not named or entry.linked_accounts is True)
