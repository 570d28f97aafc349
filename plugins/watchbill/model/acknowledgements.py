"""Somebody has taken an alert on: no repeats and no escalation until it resolves, or until they said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchbill.model.alerts import Alert


@dataclass(frozen=True)
class Acknowledgement:
    """Of one firing episode of one alert."""

    id: str
    fingerprint: str
    starts_at: datetime  # the alert's own: one that starts later is another episode
    author: str
    comment: str
    created_at: datetime
    until: datetime | None = None  # None: until it resolves
    ended_at: datetime | None = None
    ended: str = ""  # expired | resolved | replaced | withdrawn by …

    def holds(self, alert: Alert, now: datetime) -> bool:
        return (self.ended_at is None and alert.status == "firing" and alert.starts_at <= self.starts_at
                and (self.until is None or now < self.until))

    def to_json(self, labels: Mapping[str, str] | None = None) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in (
            "id", "fingerprint", "author", "comment", "created_at", "until", "ended_at", "ended")}
        return told if labels is None else told | {"labels": dict(labels)}
