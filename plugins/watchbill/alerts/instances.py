"""Where each rule and each of its instances stands between two evaluations."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from watchbill.alerts.tables import instances, rule_clocks


class Instance(NamedTuple):
    """An instance that is not inactive."""

    state: Mapping[str, Any]  # the rules room's own
    fingerprint: str  # of the alert that stands for it


def clocks(tx: Connection) -> dict[str, datetime]:
    """The last evaluation of every rule, by its name."""
    return {row.rule: row.last_evaluated for row in tx.execute(select(rule_clocks))}


def advance_clock(tx: Connection, rule: str, last: datetime | None, to: datetime, *, now: datetime) -> bool:
    """Moves a rule's clock from where the caller read it; false where another run has moved it since.

    Comes first in an evaluation's transaction: a second run of the same window then writes nothing.
    """
    if last is not None:
        where = (rule_clocks.c.rule == rule) & (rule_clocks.c.last_evaluated == last)
        moved = update(rule_clocks).where(where).values(last_evaluated=to, updated_at=now)
        return bool(tx.execute(moved).rowcount)
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    first = dialect.insert(rule_clocks).values(rule=rule, last_evaluated=to, updated_at=now)
    return tx.execute(first.on_conflict_do_nothing().returning(rule_clocks.c.rule)).first() is not None


def load(tx: Connection, rules: Collection[str]) -> dict[str, dict[str, Instance]]:
    """By rule and instance."""
    found: dict[str, dict[str, Instance]] = {rule: {} for rule in rules}
    for row in tx.execute(select(instances)):
        if row.rule in found:
            found[row.rule][row.instance] = Instance(row.state, row.fingerprint)
    return found


def put(tx: Connection, rule: str, instance: str, known: Instance | None) -> None:
    """Writes an instance, or forgets one that is inactive (None)."""
    where = (instances.c.rule == rule) & (instances.c.instance == instance)
    tx.execute(delete(instances).where(where))
    if known is not None:
        tx.execute(insert(instances).values(rule=rule, instance=instance, state=dict(known.state),
                                            fingerprint=known.fingerprint))


def retire(tx: Connection, rules: Collection[str]) -> list[tuple[str, str, str]]:
    """Forgets every rule but these; (rule, instance, fingerprint) of what it had."""
    gone = [(row.rule, row.instance, row.fingerprint) for row in tx.execute(select(instances))
            if row.rule not in rules]
    for rule in {rule for rule, _, _ in gone}:
        tx.execute(delete(instances).where(instances.c.rule == rule))
    for rule in clocks(tx).keys() - set(rules):
        tx.execute(delete(rule_clocks).where(rule_clocks.c.rule == rule))
    return gone
