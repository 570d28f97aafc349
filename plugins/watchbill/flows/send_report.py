"""A report that is due -> a picture of its dashboard -> every channel of its receivers, each once.

What each channel has taken stands in the ledger, by the report's time: a task that is tried again sends only to those
that have not. At least once: a worker that dies between sending and writing sends again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from watchbill.alerts import marks
from watchbill.alerts.groups import channel_id
from watchbill.alerts.history import remember
from watchbill.alerts.ledger import Ledger
from watchbill.flows.draw_dashboard import Drawing, draw_dashboard
from watchbill.lake.lake import Lake
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Answer, Channel, Picture
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import TransportError, WatchbillError
from watchbill.model.reports import Report, ReportMessage

Send = Callable[[ReportMessage, Channel], Answer]
LATE = timedelta(days=1)  # what was missed is made up for no later
FIRST = timedelta(minutes=2)  # a report that never went out is due at its time alone, not for its past
_KEPT = 20  # times of a report that the ledger remembers

log = structlog.get_logger("watchbill")


@dataclass
class Sent:
    """What became of one report; each entry says channel and target, and answer or error."""

    report: str
    at: str
    sent: list[dict[str, Any]] = field(default_factory=list)
    known: list[dict[str, Any]] = field(default_factory=list)  # had it already
    failed: list[dict[str, Any]] = field(default_factory=list)
    dead: list[dict[str, Any]] = field(default_factory=list)  # refused for good

    def to_json(self) -> dict[str, Any]:
        return {"report": self.report, "at": self.at, "sent": self.sent, "known": self.known, "failed": self.failed,
                "dead": self.dead}

    def require(self) -> None:
        """Raises TransportError where a channel has it not: for good only where no other try can help."""
        wrong = self.failed or self.dead
        if wrong:
            words = "; ".join(f"{one['channel']} {one['target']}: {one['error']}" for one in [*self.failed, *self.dead])
            raise TransportError(f"report {self.report}: {words}", permanent=not self.failed)


def due_reports(reports: Iterable[Report], ledger: Ledger, *, at: datetime) -> list[tuple[Report, datetime]]:
    """Those whose newest time has come and was not sent yet."""
    found = []
    for report in reports:
        when = report.last_due(at)
        with ledger.transaction(reads=True) as tx:
            mark = marks.read(tx, _name(report))
        last = datetime.fromisoformat(mark.value["at"]) if mark and mark.value.get("at") else None
        if (when > last and at - when <= LATE) if last else at - when < FIRST:
            found.append((report, when))
    return found


def message_of(report: Report, dashboard: Dashboard, lake: Lake, *, at: datetime) -> ReportMessage:
    """The time up to `at`. Raises LakeError."""
    title = report.title or dashboard.title
    drawn = draw_dashboard(dashboard, lake, now=at, span=report.start, width=report.width, zone=report.timezone,
                           title=title)
    period = _period(drawn, report.timezone)
    told = "; ".join(drawn.values)[:1000]
    return ReportMessage(f"{report.name} {at.isoformat()}", title, period, drawn.values,
                         Picture(drawn.picture, f"{title}, {period}. {told}".strip()))


def send_report(report: Report, message: ReportMessage, ledger: Ledger, alerting: Alerting, send: Send, *, at: datetime,
                now: datetime, key: str = "") -> Sent:
    """`key`: what the ledger knows this sending by, `at` where it is the schedule's. Raises LedgerError."""
    key, outcome = key or at.isoformat(), Sent(report.name, at.isoformat())
    told = _told(ledger, report, key)
    for channel in channels_of(report, alerting):
        entry: dict[str, Any] = {"channel": channel.kind, "target": channel.target}
        known = told.get(channel_id(channel))
        if known:
            (outcome.known if known["status"] == "sent" else outcome.dead).append(entry | {"error": known.get("error")})
            continue
        try:
            entry |= {"answer": dict(send(message, channel))}
        except TransportError as error:
            entry |= {"error": str(error)}
            (outcome.dead if error.permanent else outcome.failed).append(entry)
            log.error("report_dead" if error.permanent else "report_failed", **_logged(report, entry))
            if not error.permanent:
                continue
        else:
            outcome.sent.append(entry)
            log.info("report_sent", **_logged(report, entry))
        _write(ledger, report, key, channel, entry, scheduled=key == at.isoformat(), now=now)
    return outcome


def channels_of(report: Report, alerting: Alerting) -> Sequence[Channel]:
    """Of all its receivers, each channel once. Raises WatchbillError for a receiver that is not there."""
    names = [one.name for one in alerting.receivers]
    if unknown := [name for name in report.receivers if name not in names]:
        raise WatchbillError(f"report {report.name}: alerting.yaml has no receiver {', '.join(unknown)}")
    every = [channel for name in report.receivers for channel, _ in alerting.channels(name)]
    return list({channel_id(one): one for one in every}.values())


def _period(drawn: Drawing, timezone: str) -> str:
    first, last = (edge.astimezone(ZoneInfo(timezone)) for edge in (drawn.window.start, drawn.window.end))
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} {timezone}"


def _name(report: Report) -> str:
    return f"report:{report.name}"


def _told(ledger: Ledger, report: Report, key: str) -> Mapping[str, Any]:
    with ledger.transaction(reads=True) as tx:
        mark = marks.read(tx, _name(report))
    found: Mapping[str, Any] = mark.value.get("told", {}).get(key, {}) if mark else {}
    return found


def _write(ledger: Ledger, report: Report, key: str, channel: Channel, entry: Mapping[str, Any], *, scheduled: bool,
           now: datetime) -> None:
    status = "dead" if "error" in entry else "sent"
    is_written = False
    while not is_written:  # another report of the same name may be written at the same time
        with ledger.transaction() as tx:
            before = marks.read(tx, _name(report))
            value = dict(before.value) if before else {}
            told = dict(value.get("told", {}))
            told[key] = {**told.pop(key, {}), channel_id(channel): {"status": status, **entry}}
            value["told"] = dict(list(told.items())[-_KEPT:])
            if scheduled:
                value["at"] = max(key, value.get("at", key))
            if is_written := marks.move(tx, _name(report), before, value, now=now):
                remember(tx, f"report_{status}", _name(report), now=now, time=key, **entry)


def _logged(report: Report, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Airflow 3.3 ends a task whose log event has a field called `target`."""
    return {"report": report.name} | {"recipient" if name == "target" else name: value for name, value in entry.items()}
