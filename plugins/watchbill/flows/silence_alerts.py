"""Silences by hand: into the ledger, where dispatch finds them; ended early, they are kept all the same."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from watchbill.alerts import silences, states
from watchbill.alerts.ledger import Ledger
from watchbill.model.failures import WatchbillError
from watchbill.model.matchers import Matcher, format_matchers
from watchbill.model.silences import Silence, check_span

log = structlog.get_logger("watchbill")


def silence_alerts(
    ledger: Ledger, matchers: tuple[Matcher, ...], *, starts_at: datetime, ends_at: datetime, author: str,
    comment: str, now: datetime, name: str = "",
) -> Silence:
    """From then until then nobody is told of what matches. Raises WatchbillError, LedgerError.

    `name`: its id, for a caller who may try again; the silence of that name is made once.
    """
    check_span(starts_at, ends_at, now)
    for field, text in (("an author", author), ("a comment", comment)):
        if not text.strip():
            raise WatchbillError(f"a silence needs {field}")
    with ledger.transaction() as tx:
        silence = silences.add(tx, matchers, starts_at=starts_at, ends_at=ends_at, author=author, comment=comment,
                               now=now, name=name)
    log.info("silence_added", silence=silence.id, matchers=format_matchers(matchers), author=author,
             starts_at=starts_at.isoformat(), ends_at=ends_at.isoformat())
    return silence


def expire_silences(
    ledger: Ledger, names: Sequence[str], *, by: str, now: datetime, again: bool = False,
) -> list[Silence]:
    """All of them or none. Raises WatchbillError for one that is not there or over already, LedgerError.

    `again`: one that is over already stays as it is; for a caller who may try again.
    """
    with ledger.transaction() as tx:
        ended = [silences.expire(tx, name, by=by, now=now, again=again) for name in dict.fromkeys(names)]
    for silence in ended:
        log.info("silence_expired", silence=silence.id, by=by)
    return ended


def silenced_now(ledger: Ledger, silence: Silence) -> int:
    """How many alerts that fire now it matches."""
    with ledger.transaction(reads=True) as tx:
        return sum(silence.matches(alert.labels) for alert in states.routed(tx).values())
