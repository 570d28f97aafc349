"""How the ledger itself does: when rules were judged last, what waits to be sent, what fires."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from watchbill.alerts.outbox import UNSENT
from watchbill.alerts.tables import alerts, outbox, rule_clocks


@dataclass(frozen=True)
class Vitals:
    judged: dict[str, datetime]  # by rule: the wall clock at its last evaluation
    firing: int
    unsent: int
    dead: int
    oldest_unsent: datetime | None


def read(tx: Connection) -> Vitals:
    judged = {row.rule: row.updated_at for row in tx.execute(select(rule_clocks.c.rule, rule_clocks.c.updated_at))}
    by_status = select(outbox.c.status, func.count()).where(outbox.c.status.in_([*UNSENT, "dead"]))
    counts: dict[str, int] = {row[0]: row[1] for row in tx.execute(by_status.group_by(outbox.c.status))}
    oldest = select(outbox.c.created_at).where(outbox.c.status.in_(UNSENT)).order_by(outbox.c.created_at).limit(1)
    firing = select(func.count(alerts.c.fingerprint.distinct())).where(alerts.c.status == "firing")
    return Vitals(judged, tx.execute(firing).scalar_one(), sum(counts.get(each, 0) for each in UNSENT),
                  counts.get("dead", 0), tx.execute(oldest).scalar_one_or_none())
