"""Declarations -> the examinations that they call for: each connection once for everything that it is used for."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from watchbill.declare.load import Declarations
from watchbill.doctor import aws, datadog, slack, stores
from watchbill.doctor.checks import Check, Examination, Outcome, Subject
from watchbill.doctor.openers import Openers
from watchbill.model.alerts import Channel
from watchbill.model.places import every_place
from watchbill.model.series import SOURCES
from watchbill.model.settings import Settings
from watchbill.model.targets import Target
from watchbill.model.templates.rendering import is_plain

_NO_SENDER = "no sender: write `from` in the receiver, or `from_email` into the connection's extra"


def examinations(declared: Declarations, openers: Openers, now: datetime) -> list[Examination]:
    """In the order in which they are told. What is broken in the declarations is left out: `watchbill check` tells."""
    settings = declared.settings or Settings()
    return [*_collection(declared, openers, now), *_dashboards(declared, settings, openers),
            *_notifications(declared, openers), *_heartbeat(settings, openers), *_stores(settings, openers)]


def _collection(declared: Declarations, openers: Openers, now: datetime) -> Iterator[Examination]:
    for source in SOURCES:
        targets = dict.fromkeys(target for entry in declared.metrics for target in entry.targets(source))
        for target in targets:
            entries = [entry for entry in declared.metrics if target in entry.targets(source)]
            place = str(target).partition(" ")[2] or "its own region"
            subject = Subject("collection", target.connection, place)
            if source == "cloudwatch":
                yield Examination(subject, partial(aws.collection, openers.aws, target, entries, subject, now))
            else:
                yield Examination(subject, partial(_datadog, openers, target.connection, now))


def _datadog(openers: Openers, conn_id: str, now: datetime) -> Iterator[Check]:
    client, site = openers.datadog(conn_id)
    yield from datadog.collection(client, site, Subject("collection", conn_id, site), now)


def _dashboards(declared: Declarations, settings: Settings, openers: Openers) -> Iterator[Examination]:
    for place in every_place(declared.dashboards, settings.dashboards):
        subject = Subject("dashboards", place.connection, place.cloud)
        run = _cloudwatch_dashboards if place.cloud == "cloudwatch" else _datadog_dashboards
        yield Examination(subject, partial(run, openers, place.connection, subject))


def _cloudwatch_dashboards(openers: Openers, conn_id: str, subject: Subject) -> Iterator[Check]:
    yield from aws.dashboards(partial(openers.aws, "cloudwatch", Target("cloudwatch", conn_id)), subject)


def _datadog_dashboards(openers: Openers, conn_id: str, subject: Subject) -> Iterator[Check]:
    client, site = openers.datadog(conn_id)
    yield from datadog.dashboards(client, site, subject)


def _notifications(declared: Declarations, openers: Openers) -> Iterator[Examination]:
    alerting = declared.alerting
    channels = [] if alerting is None else [
        channel for receiver in alerting.receivers for channel, _ in alerting.channels(receiver.name)
        if is_plain(channel.target)]  # where a template leads, only a message tells
    for conn_id in dict.fromkeys(channel.connection for channel in channels if channel.kind == "slack"):
        names = sorted({one.target for one in channels if (one.kind, one.connection) == ("slack", conn_id)})
        subject = Subject("notifications", conn_id, "Slack")
        yield Examination(subject, partial(_slack, openers, conn_id, names, subject))
    for conn_id, given in dict.fromkeys(map(_sender, (one for one in channels if one.kind == "email"))):
        subject = Subject("notifications", conn_id, given or "the connection's from_email")
        yield Examination(subject, partial(_email, openers, conn_id, given, subject))
    for conn_id, arn in dict.fromkeys((one.connection, one.target) for one in channels if one.kind == "sns"):
        subject = Subject("notifications", conn_id, arn)
        yield Examination(subject, partial(_sns, openers, conn_id, arn, subject))


def _sender(channel: Channel) -> tuple[str, str]:
    return channel.connection, str(channel.options.get("from") or "")


def _slack(openers: Openers, conn_id: str, names: list[str], subject: Subject) -> Iterator[Check]:
    yield from slack.channels(openers.slack(conn_id), names, subject)


def _email(openers: Openers, conn_id: str, given: str, subject: Subject) -> Iterator[Check]:
    address = given or openers.sender(conn_id)
    if not address:
        yield subject.check("sender", Outcome("missing", _NO_SENDER))
        return
    named = Subject(subject.part, conn_id, address)
    yield from aws.sender(partial(openers.aws, "sesv2", Target("cloudwatch", conn_id)), address, named)


def _sns(openers: Openers, conn_id: str, arn: str, subject: Subject) -> Iterator[Check]:
    yield from aws.topic(partial(openers.aws, "sns", Target("cloudwatch", conn_id)), arn, subject)


def _heartbeat(settings: Settings, openers: Openers) -> Iterator[Examination]:
    if settings.heartbeat is not None:
        name = f"{settings.heartbeat.deployment}-heartbeat"
        subject = Subject("heartbeat", settings.heartbeat.connection, name)
        client = partial(openers.aws, "cloudwatch", Target("cloudwatch", settings.heartbeat.connection))
        yield Examination(subject, lambda: aws.heartbeat(client, name, subject))


def _stores(settings: Settings, openers: Openers) -> Iterator[Examination]:
    url = settings.lake.url
    place = Subject("lake", settings.lake.connection if url.startswith("s3://") else "-", url)
    yield Examination(place, lambda: stores.lake(openers.lake(), place))
    ledger = Subject("ledger", settings.ledger, "-")
    yield Examination(ledger, lambda: stores.ledger(openers.ledger(), ledger))
