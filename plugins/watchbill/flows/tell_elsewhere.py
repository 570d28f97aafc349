"""Dead letters that the routing would tell only to channels that have some themselves: told through any other, once."""

from collections.abc import Collection, Iterable
from datetime import datetime

import structlog

from watchbill.alerts import dead_letters, explicit
from watchbill.alerts.ledger import Ledger
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert

log = structlog.get_logger("watchbill")


def tell_elsewhere(
    ledger: Ledger, alerting: Alerting, unheard: Iterable[Alert], shut: Collection[str], *, now: datetime,
) -> int:
    """How many were queued. `shut`: the ids of channels with dead letters. Raises LedgerError."""
    every = [channel for receiver in alerting.receivers for channel, _ in alerting.channels(receiver.name)]
    queued = 0
    for alert in unheard:
        channel = dead_letters.another(every, shut, alert)
        if channel is None:
            log.error("nobody_can_be_told", labels=dict(alert.labels), error="every channel has dead letters")
            continue
        with ledger.transaction() as tx:
            queued += explicit.put(tx, alert, [channel], now=now)
    return queued
