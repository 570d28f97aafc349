"""The ledger's tables. Each change of them is a migration in migrations/versions."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

from watchbill.model.json import as_json, from_json


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


# Both types name the function that reads a value and not `process_result_value`: with ten thousand alerts, what
# SQLAlchemy wraps around that one took longer than reading.
class UtcTime(TypeDecorator[datetime]):
    """Aware UTC on both sides; SQLite keeps no time zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC) if value is not None else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        parse = self.impl_instance.result_processor(dialect, coltype)  # SQLite keeps text
        return _in_utc if parse is None else lambda value: _in_utc(parse(value))


class Json(TypeDecorator[Any]):
    """JSON as text that NULs and lone surrogates pass; what it cannot say is kept as str()."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002
        return as_json(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:  # noqa: ARG002
        return from_json


metadata = MetaData()

rule_clocks = Table(
    "rule_clocks", metadata,
    Column("rule", String, primary_key=True),  # group/alert
    Column("last_evaluated", UtcTime, nullable=False),  # the evaluation time, behind the wall clock
    Column("definition", String, nullable=False, server_default=""),  # a digest of the rule as it was then
    Column("updated_at", UtcTime, nullable=False),
)

instances = Table(
    "instances", metadata,
    Column("rule", String, primary_key=True),
    Column("instance", String, primary_key=True),  # fingerprint of the labels that the rule read
    Column("state", Text, nullable=False),  # pending | firing
    Column("fingerprint", String, nullable=False),  # of the alert that stands for it
    Column("active_at", UtcTime),  # when the clock of `for` began
    Column("fired_at", UtcTime),
    Column("clear_since", UtcTime),  # firing only because of keep_firing_for, since then
    Column("no_data", Boolean, nullable=False, server_default=false()),  # the last evaluation saw no value
    Column("seen", String, nullable=False, server_default=""),  # the value that its words were made of
)

alerts = Table(
    "alerts", metadata,
    Column("fingerprint", String, primary_key=True),
    Column("origin", String, primary_key=True),  # rule:<rule>:<instance> | sent | explicit
    Column("status", String, nullable=False),  # pending | firing | resolved
    Column("type", String, nullable=False),
    Column("labels", Json, nullable=False),
    Column("annotations", Json, nullable=False),
    Column("metadata", Json, nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime),  # resolved: when
    Column("expires_at", UtcTime),  # firing: when it resolves by itself
    Column("updated_at", UtcTime, nullable=False),
    Index("alerts_by_status", "status"),
)

groups = Table(
    "groups", metadata,
    Column("id", String, primary_key=True),
    Column("key", Text, nullable=False),  # Alertmanager's group key: route path and group labels
    Column("receiver", String, nullable=False),
    Column("labels", Json, nullable=False),
    Column("timing", Json, nullable=False),  # seconds: group_wait, group_interval, repeat_interval
    Column("members", Json, nullable=False),  # fingerprints
    Column("next_flush", UtcTime),
    Column("emptied_at", UtcTime),
    Column("sequence", Integer, nullable=False),
    Column("since", Json, nullable=False),  # by fingerprint: the flush that could first tell of it
    Column("parent", String, nullable=False),  # the group that it is a step of escalation of, else ""
    Index("groups_by_flush", "next_flush"),
)

group_channels = Table(
    "group_channels", metadata,
    Column("group_id", String, primary_key=True),
    Column("channel_id", String, primary_key=True),
    Column("firing", Json, nullable=False),  # of the last notice, fingerprints
    Column("resolved", Json, nullable=False),
    Column("notified_at", UtcTime),
    Column("told", Json, nullable=False),  # the vendor took (or may have taken) it firing, not yet resolved
    Column("thread", Json, nullable=False),  # the first answer: Slack's ts, a mail's Message-ID
)

outbox = Table(
    "outbox", metadata,
    Column("id", String, primary_key=True),
    Column("group_id", String, nullable=False),
    Column("channel_id", String, nullable=False),
    Column("sequence", Integer, nullable=False),  # of the group
    Column("receiver", String, nullable=False),
    Column("channel", Json, nullable=False),
    Column("reason", String, nullable=False),
    Column("firing", Json, nullable=False),  # alerts as they were at the flush
    Column("resolved", Json, nullable=False),
    Column("status", String, nullable=False),  # pending | leased | sent | superseded | dead
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcTime, nullable=False),
    Column("leased_until", UtcTime),
    Column("holder", String),  # of the lease: the task instance, which may take it back when it is tried again
    Column("last_error", Text),
    Column("ambiguous", Boolean, nullable=False),  # some try may have been taken although it failed
    Column("unsure_since", UtcTime),  # the first try that may have been taken and of which no answer is known
    Column("answer", Json, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    UniqueConstraint("group_id", "channel_id", "sequence", name="outbox_once"),
    Index("outbox_by_receiver", "status", "receiver"),
)

silences = Table(
    "silences", metadata,
    Column("id", String, primary_key=True),
    Column("matchers", Json, nullable=False),  # [name, operator, value] of each
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("author", Json, nullable=False),
    Column("comment", Json, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expired_by", Json),  # who ended it before its time
    Index("silences_by_end", "ends_at"),
)

suppressions = Table(
    "suppressions", metadata,
    Column("fingerprint", String, primary_key=True),
    Column("kind", String, primary_key=True),  # silenced | inhibited | muted
    Column("by", Json, nullable=False),  # ids of silences, fingerprints of alerts, receivers and intervals
    Column("since", UtcTime, nullable=False),
)

acknowledgements = Table(
    "acknowledgements", metadata,
    Column("id", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("starts_at", UtcTime, nullable=False),  # the alert's: of this firing episode and no later one
    Column("author", Json, nullable=False),
    Column("comment", Json, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("until", UtcTime),
    Column("ended_at", UtcTime),  # NULL: it holds
    Column("ended", Json, nullable=False),  # expired | resolved | replaced | withdrawn by …
    Index("acknowledgements_by_alert", "fingerprint"),
)

history = Table(
    "history", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("kind", String, nullable=False),  # alert_firing, alert_resolved, notification_sent, …
    Column("subject", String, nullable=False),  # an alert's fingerprint or a notification's id
    Column("detail", Json, nullable=False),
    Index("history_by_subject", "subject"),
    Index("history_by_time", "at"),
)

marks = Table(
    "marks", metadata,
    Column("name", String, primary_key=True),  # of what looks again and again: where its last look ended
    Column("value", Json, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

dashboards = Table(
    "dashboards", metadata,
    Column("cloud", String, primary_key=True),  # cloudwatch | datadog
    Column("connection", String, primary_key=True),  # the Airflow connection: an account or an organisation
    Column("dashboard", String, primary_key=True),  # the id of its declaration
    Column("ref", String, nullable=False),  # the cloud's name for it; "" while it is being made
    Column("version", String, nullable=False),  # as the cloud's list shows it; "" where that is not known
    Column("digest", String, nullable=False),  # of the body and tags that were declared
    Column("held", String, nullable=False),  # of what the cloud had, right after it was written
    Column("url", Text, nullable=False),
    Column("note", Text, nullable=False),  # why it is not as declared: rolled back
    Column("applied_at", UtcTime),
    Column("creating_at", UtcTime),  # a POST was begun, and its answer has not been kept
)

dashboard_versions = Table(
    "dashboard_versions", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("cloud", String, nullable=False),
    Column("connection", String, nullable=False),
    Column("dashboard", String, nullable=False),
    Column("kind", String, nullable=False),  # applied | by hand | rolled back
    Column("body", Json, nullable=False),
    Column("author", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("dashboard_versions_by_dashboard", "cloud", "connection", "dashboard"),
)
