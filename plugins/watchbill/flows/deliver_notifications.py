"""Outbox -> channels: claims what is due to one receiver, sends it once, and keeps what the vendor said.

At least once: a worker that dies between sending and writing leaves a lease that ends, and the
notification goes out again, marked as one that may have been taken already. A vendor that knows a notification
again gets it while it does, and never after: then it is a dead letter, and a person decides.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from time import perf_counter
from typing import Any

import structlog

from watchbill.alerts import answers, dead_letters, outbox
from watchbill.alerts.groups import channel_id
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.outbox import Claimed
from watchbill.model.alerts import Answer, Channel, Notification
from watchbill.model.collector import frozen
from watchbill.model.failures import TransportError
from watchbill.model.templates.rendering import addressed

Send = Callable[[Notification], Answer]

LEASE = timedelta(minutes=10)
MOST_AT_ONCE = 300  # Slack takes about one message a second and channel, so this stays inside the lease
MOST_ATTEMPTS = 12  # with the waits below: about four hours
TRIES_OF_ONE = 3  # in a row
# docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html: five minutes, of which one try may take most of one.
KNOWN_FOR = timedelta(minutes=4)
_WAIT_OF_KNOWN_S = 5.0  # until it is asked again whether it was taken, while that can be asked
FAILURES_IN_A_ROW = 3  # of a channel: the rest of what waits for it comes in the next run, and holds up no other
_FIRST_WAIT_S, _LONGEST_WAIT_S = 30.0, 1800.0

log = structlog.get_logger("watchbill")


@dataclass
class Delivered:
    """What became of a receiver's notifications; each entry says channel, target, group_key and more."""

    receiver: str
    sent: list[dict[str, Any]] = field(default_factory=list)  # with the vendor's answer
    failed: list[dict[str, Any]] = field(default_factory=list)  # tried again at `again_at`
    dead: list[dict[str, Any]] = field(default_factory=list)  # never tried again

    @property
    def unsure(self) -> list[dict[str, Any]]:
        """Of `failed` what may have been taken, and is to be sent again while the vendor knows that."""
        return [each for each in self.failed
                if each["ambiguous"] and Channel(each["channel"], each["target"], "").deduplicates]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@frozen()
def deliver_notifications(
    ledger: Ledger, receiver: str, send: Send, *, now: datetime, lease: timedelta = LEASE,
    most: int = MOST_AT_ONCE, holder: str = "",
) -> Delivered:
    """Sends everything that is due to the receiver. Raises LedgerError, and what is no TransportError last.

    `holder`: who sends, if it is never two at a time, as a task instance; tried again, it takes up at once what it
    died with.

    `send` raises TransportError and nothing else; should it raise something else all the same, the
    notification is kept for another try, the others are sent, and then an ExceptionGroup says so.
    """
    report, surprises, failures = Delivered(receiver), list[Exception](), Counter[str]()
    began = perf_counter()
    with ledger.transaction(reads=True) as tx:
        waiting = outbox.candidates(tx, receiver, now, holder)
    for group, channel in waiting:
        if len(report.sent) + len(report.failed) + len(report.dead) >= most:
            break
        if failures[channel] >= FAILURES_IN_A_ROW:
            continue
        moment = now + timedelta(seconds=perf_counter() - began)
        with ledger.transaction() as tx:
            claimed = outbox.claim(tx, group, channel, now=moment, lease=lease, holder=holder)
        if claimed is None:
            continue
        started = perf_counter()
        try:
            _refuse_forgotten(claimed, moment)
            answer = _answered(send, addressed(claimed.notification), first=claimed.unsure_since is None)
        except TransportError as error:
            failures[channel] += not error.permanent
            _failed(ledger, claimed, error, report, now)
        except Exception as error:  # noqa: BLE001 - the other channels come first; it is raised below
            surprises.append(error)
            # Its text may hold a secret: nobody has prepared it for being read.
            wrapped = TransportError(f"an error in our own code: {type(error).__name__}", ambiguous=True)
            _failed(ledger, claimed, wrapped, report, now)
        else:
            failures[channel] = 0
            _sent(ledger, claimed, answer, report, now, perf_counter() - started)
    if surprises:
        raise ExceptionGroup(f"sending to {receiver} failed in our own code", surprises)
    return report


def _refuse_forgotten(claimed: Claimed, moment: datetime) -> None:
    """Raises TransportError where the vendor may have taken it, and no longer knows that it has."""
    since = claimed.unsure_since
    if claimed.notification.channel.deduplicates and since is not None and moment - since > KNOWN_FOR:
        raise TransportError(f"it may have been taken at {since:%H:%M:%S} UTC, and sent again now it could be told "
                             "twice: look there, then `watchbill outbox retry` or `drop`", permanent=True,
                             ambiguous=True)


def _answered(send: Send, notification: Notification, *, first: bool) -> Answer:
    """Raises what `send` raises. Asks again at once where the answer got lost and the vendor knows what it has taken.

    Later it may know no longer: whether it still does was looked at for one try alone.
    """
    for _ in range(TRIES_OF_ONE - 1 if first and notification.channel.deduplicates else 0):
        try:
            return send(notification)
        except TransportError as error:
            if not error.ambiguous:
                raise
    return send(notification)


def _sent(
    ledger: Ledger, claimed: Claimed, answer: Answer, report: Delivered, now: datetime, duration_s: float,
) -> None:
    with ledger.transaction() as tx:
        answers.succeed(tx, claimed, answer, now=now)
    entry = {**_named(claimed), "answer": dict(answer)}
    report.sent.append(entry)
    log.info("notification_sent", **_logged(entry), duration_s=round(duration_s, 3))


def _failed(
    ledger: Ledger, claimed: Claimed, error: TransportError, report: Delivered, now: datetime,
) -> None:
    again_at = None if error.permanent or claimed.attempt >= MOST_ATTEMPTS else now + _wait(claimed, error)
    with ledger.transaction() as tx:
        answers.fail(tx, claimed, str(error), ambiguous=error.ambiguous, again_at=again_at, now=now)
        if again_at is None:
            dead_letters.tell(tx, claimed.notification, str(error), now=now)
    if again_at is not None and error.retry_after_s is not None:
        with ledger.transaction() as tx:
            answers.postpone(tx, channel_id(claimed.notification.channel), again_at)
    entry = {**_named(claimed), "error": str(error), "ambiguous": error.ambiguous,
             "again_at": again_at.isoformat() if again_at else None}
    (report.dead if again_at is None else report.failed).append(entry)
    log.error("notification_dead" if again_at is None else "notification_failed", **_logged(entry))


def _wait(claimed: Claimed, error: TransportError) -> timedelta:
    """As long as the vendor asked for, and else twice as long each time, give or take a fifth."""
    if error.ambiguous and claimed.notification.channel.deduplicates:
        return timedelta(seconds=_WAIT_OF_KNOWN_S)
    digest = blake2b(f"{claimed.notification.id}:{claimed.attempt}".encode(), digest_size=4).digest()
    jitter = 0.8 + 0.4 * int.from_bytes(digest) / 0xFFFFFFFF  # the same on every machine
    backoff_s = min(_FIRST_WAIT_S * 2 ** (claimed.attempt - 1), _LONGEST_WAIT_S) * jitter
    return timedelta(seconds=max(backoff_s, error.retry_after_s or 0.0))


def _named(claimed: Claimed) -> dict[str, Any]:
    notification = claimed.notification
    return {
        "id": notification.id, "receiver": notification.receiver, "channel": notification.channel.kind,
        "target": notification.channel.target, "group_key": notification.group_key,
        "status": notification.status, "reason": notification.reason, "attempt": claimed.attempt,
        "firing": sum(alert.status == "firing" for alert in notification.alerts),
        "resolved": sum(alert.status == "resolved" for alert in notification.alerts),
    }


def _logged(entry: dict[str, Any]) -> dict[str, Any]:
    """Airflow 3.3 ends a task whose log event has a field called `target`: its own writer's argument."""
    return {"recipient" if name == "target" else name: value for name, value in entry.items()}
