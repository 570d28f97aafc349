"""Acknowledgements by hand: of alerts that fire now, into the ledger, where dispatch finds them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

import structlog
from sqlalchemy import Connection

from watchbill.alerts import acknowledgements, states
from watchbill.alerts.ledger import Ledger
from watchbill.model.acknowledgements import Acknowledgement
from watchbill.model.alerts import Alert
from watchbill.model.failures import WatchbillError
from watchbill.model.matchers import Matcher, format_matchers

log = structlog.get_logger("watchbill")


def acknowledge_alerts(
    ledger: Ledger, *, fingerprints: Sequence[str] = (), matchers: tuple[Matcher, ...] = (), author: str,
    comment: str = "", until: datetime | None = None, now: datetime, name: str = "",
) -> list[Acknowledgement]:
    """No repeats and no escalation of these, or of all that fire now and match, until they resolve or until then.

    Raises WatchbillError where one does not fire or none matches, LedgerError. An alert that is acknowledged already
    is so anew. `name`: for a caller who may try again; the acknowledgements of that name are made once.
    """
    if not author.strip():
        raise WatchbillError("an acknowledgement needs an author")
    if until is not None and until <= now:
        raise WatchbillError(f"an acknowledgement cannot end in the past: {until:%Y-%m-%dT%H:%M:%SZ}")
    with ledger.transaction() as tx:
        found = _firing(tx, fingerprints, matchers)
        made = [acknowledgements.add(tx, f"{name or uuid4()}:{mark}", alert, author=author, comment=comment,
                                     until=until, now=now) for mark, alert in sorted(found.items())]
    log.info("alerts_acknowledged", alerts=len(made), author=author, until=until.isoformat() if until else None)
    return made


def unacknowledge_alerts(
    ledger: Ledger, *, fingerprints: Sequence[str] = (), matchers: tuple[Matcher, ...] = (), by: str, now: datetime,
    again: bool = False,
) -> list[Acknowledgement]:
    """Repeats and escalation go on. Raises WatchbillError where one is not acknowledged or none matches, LedgerError.

    `again`: what is not acknowledged (any more) is passed over; for a caller who may try again.
    """
    with ledger.transaction() as tx:
        firing = states.routed(tx)
        held = {mark: one for mark, one in acknowledgements.held(tx).items()
                if mark in firing and one.holds(firing[mark], now)}
        missing = [mark for mark in fingerprints if mark not in held]
        if missing and not again:
            raise WatchbillError(f"alert {missing[0]} is not acknowledged")
        marks = {mark for mark in fingerprints if mark in held}
        marks |= {mark for mark in held if matchers and _match(matchers, firing[mark])}
        if not marks and not again:
            raise WatchbillError(f"no acknowledged alert matches {format_matchers(matchers)}")
        ended = [acknowledgements.withdraw(tx, held[mark], by=by, now=now) for mark in sorted(marks)]
    log.info("alerts_unacknowledged", alerts=len(ended), by=by)
    return ended


def _firing(tx: Connection, fingerprints: Sequence[str], matchers: tuple[Matcher, ...]) -> dict[str, Alert]:
    firing = states.routed(tx)
    missing = [mark for mark in fingerprints if mark not in firing]
    if missing and states.load(tx, missing, explicit=True):
        raise WatchbillError(f"alert {missing[0]} went to channels that were named: it is never repeated or escalated")
    if missing:
        raise WatchbillError(f"alert {missing[0]} does not fire; `watchbill alerts list` shows those that do")
    found = {mark: alert for mark, alert in firing.items()
             if mark in fingerprints or (matchers and _match(matchers, alert))}
    if not found:
        raise WatchbillError(f"no alert that fires matches {format_matchers(matchers)}")
    return found


def _match(matchers: tuple[Matcher, ...], alert: Alert) -> bool:
    return all(matcher.matches(alert.labels) for matcher in matchers)
