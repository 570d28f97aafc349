"""An alert on its way out: the alert itself, the notification that carries it, the vendor's answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from typing import Any, Literal

Severity = Literal["info", "warning", "error", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error", "critical")
ChannelKind = Literal["slack", "email", "sns"]
Status = Literal["firing", "resolved"]


GRAPH = "graph"
"""This key of an alert's metadata says what a picture of it shows (model/pictured.py); no message has it as a field."""


def fingerprint(labels: Mapping[str, str]) -> str:
    """An alert's identity: a hash over its sorted labels, as in Alertmanager."""
    words = "\xff".join(chain.from_iterable(sorted(labels.items())))
    return blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Alert:
    """One label set that fires or has resolved, whoever raised it: a rule, a failed task, a person."""

    labels: Mapping[str, str]  # with alertname and severity
    starts_at: datetime
    status: Status = "firing"
    type: str = "metric"  # metric | airflow | manual, or what SendAlertOperator was told
    annotations: Mapping[str, str] = field(default_factory=dict)  # summary, description, runbook_url, …
    metadata: Mapping[str, Any] = field(default_factory=dict)  # shown as fields: value, threshold, dag, …
    ends_at: datetime | None = None  # when resolved; for a firing event: when it expires by itself

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self.labels)

    @property
    def title(self) -> str:
        return self.annotations.get("summary") or self.labels.get("alertname", "alert")

    @property
    def message(self) -> str:
        return self.annotations.get("description", "")

    @cached_property
    def severity(self) -> Severity:
        """The label's; `error` where it is absent or none of ours, so that it is never taken lightly."""
        label = self.labels.get("severity", "")
        return next((known for known in SEVERITIES if known == label), "error")


@dataclass(frozen=True)
class Channel:
    """One integration of one receiver: where exactly a notification goes."""

    kind: ChannelKind
    target: str  # Slack channel, mail address, SNS topic ARN
    connection: str  # Airflow connection id
    options: Mapping[str, Any] = field(default_factory=dict)  # from (mail), update_message: false, graph: false, …

    @property
    def deduplicates(self) -> bool:
        """Whether the vendor knows a notification again: a FIFO topic does, for five minutes."""
        return self.kind == "sns" and self.target.endswith(".fifo")


@dataclass(frozen=True)
class Picture:
    """The series of an alert, drawn."""

    png: bytes
    description: str  # for who cannot see it


@dataclass(frozen=True)
class Notification:
    """What one group sends to one channel of one receiver."""

    id: str  # group, channel and sequence: the same notification has the same id on every try
    group_key: str
    group_labels: Mapping[str, str]
    receiver: str
    status: Status  # firing while any alert of it fires
    alerts: tuple[Alert, ...]
    channel: Channel
    reason: str = ""  # new | changed | repeat | resolved | escalated | event: why it is sent
    thread: Mapping[str, str] = field(default_factory=dict)  # the group's first answer
    told: frozenset[str] = frozenset()  # fingerprints that the channel has been told of as firing
    base_url: str = ""  # Airflow's, for the links to its forms (model/links.py)
    picture: Picture | None = None


Answer = Mapping[str, Any]
"""What the vendor said on acceptance: Slack's ts and channel, SES' and SNS' MessageId.

`thread` in it: what later notifications belong to from now on, where that is no longer the group's first answer.
"""
