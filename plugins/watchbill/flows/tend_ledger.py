"""Ledger -> the same ledger without what has been over for long: it would grow with every notification."""

from datetime import datetime
from typing import Any

import structlog

from watchbill.alerts.ledger import Ledger
from watchbill.model.settings import Settings

log = structlog.get_logger("watchbill")


def tend_ledger(ledger: Ledger, *, now: datetime, settings: Settings) -> dict[str, Any]:
    """How many rows of each table went. Raises LedgerError; running it again does no harm."""
    deleted = ledger.expire(settings.ledger_retention, now=now)
    log.info("ledger_tended", retention_s=int(settings.ledger_retention.total_seconds()), deleted=deleted)
    return deleted
