"""What the vendors said to a claimed notification, and what their channel has been told by it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update

from watchbill.alerts.database import among
from watchbill.alerts.history import remember
from watchbill.alerts.outbox import LEASED, Claimed, know
from watchbill.alerts.tables import outbox
from watchbill.model.alerts import Answer


def succeed(tx: Connection, claimed: Claimed, answer: Answer, *, now: datetime) -> bool:
    """Records the vendor's answer; false where the lease had ended and another has taken over."""
    name = claimed.notification.id
    answer = dict(answer)
    done = _settle(tx, claimed, {"status": "sent", "sent_at": now, "leased_until": None, "answer": answer,
                                 "last_error": None})
    if done:
        _tell(tx, claimed, answer)
    remember(tx, "notification_sent" if done else "notification_sent_late", name, now=now, answer=answer,
             receiver=claimed.notification.receiver, attempt=claimed.attempt)
    return done


def fail(
    tx: Connection, claimed: Claimed, error: str, *, ambiguous: bool, again_at: datetime | None,
    now: datetime,
) -> None:
    """Puts it back until `again_at`, or to the dead letters (None).

    `ambiguous`: the vendor may have taken it, so what it said counts as told.
    """
    values: dict[str, Any] = {"leased_until": None, "last_error": error.replace("\x00", "")}
    values |= {"status": "dead"} if again_at is None else {"status": "pending", "next_attempt_at": again_at}
    if ambiguous:
        values["ambiguous"] = True
    else:
        values["unsure_since"] = claimed.unsure_since  # of this try the vendor's no is known
    if _settle(tx, claimed, values) and ambiguous:
        _tell(tx, claimed, {}, resolves=False)
    remember(tx, "notification_dead" if again_at is None else "notification_failed", claimed.notification.id,
             now=now, error=error, ambiguous=ambiguous, attempt=claimed.attempt)


def postpone(tx: Connection, channel: str, until: datetime) -> None:
    """The vendor asked for a pause on this channel: whatever waits for it waits so long."""
    waiting = and_(outbox.c.channel_id == channel, outbox.c.status == "pending",
                   outbox.c.next_attempt_at < until)
    # In one order, and past what others hold: two workers that are told to pause must not block each other.
    found = select(outbox.c.id).where(waiting).order_by(outbox.c.id).with_for_update(skip_locked=True)
    names = list(tx.execute(found).scalars())
    tx.execute(update(outbox).where(among(tx, outbox.c.id, names)).values(next_attempt_at=until))


def _settle(tx: Connection, claimed: Claimed, values: Mapping[str, Any]) -> bool:
    """Whether the lease was still ours."""
    ours = {"of_id": claimed.notification.id, "of_attempts": claimed.attempt}
    return bool(tx.execute(LEASED, {**ours, **values}).rowcount)


def _tell(tx: Connection, claimed: Claimed, answer: Answer, *, resolves: bool = True) -> None:
    """The channel knows these alerts now: those that fire are owed a resolve, the resolved ones are done.

    The lease was still ours, so what the channel knew when it began is what it knows.
    """
    one = claimed.notification
    told = one.told | {alert.fingerprint for alert in one.alerts if alert.status == "firing"}
    if resolves:
        told -= {alert.fingerprint for alert in one.alerts if alert.status == "resolved"}
    begun = answer.get("thread") or (answer if not one.thread else {})
    thread = {"thread": {name: str(value) for name, value in begun.items()}} if begun else {}
    know(tx, claimed.group, claimed.channel, told=sorted(told), **thread)
