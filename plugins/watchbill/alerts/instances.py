"""Where each rule and each of its instances stands between two evaluations.

Read and written in bulk: a hundred thousand instances may stand as they stood, and then cost one query.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Text, case, cast, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from watchbill.alerts.tables import alerts, instances, rule_clocks

Active = Literal["pending", "firing"]
_STATE = (instances.c.state, instances.c.active_at, instances.c.fired_at, instances.c.clear_since, instances.c.no_data)


class Clock(NamedTuple):
    """When a rule was judged last, and a digest of what it said then."""

    last: datetime
    definition: str


@dataclass(frozen=True)
class Kept:
    """Instances of one rule that stand alike."""

    state: Active
    active_at: datetime | None
    fired_at: datetime | None
    clear_since: datetime | None
    no_data: bool
    names: list[str]
    fingerprints: list[str]  # of the alert that stands for each
    seen: list[str]  # the value that each one's words were made of


def clocks(tx: Connection) -> dict[str, Clock]:
    """The last evaluation of every rule, by its name."""
    return {row.rule: Clock(row.last_evaluated, row.definition) for row in tx.execute(select(rule_clocks))}


def advance_clocks(
    tx: Connection, wanted: Mapping[str, tuple[datetime | None, Clock]], *, now: datetime,
) -> set[str]:
    """Moves rules' clocks from where the caller read them; which it could: others another run has moved since.

    Comes first in an evaluation's transaction: a second run of the same window then writes nothing.
    """
    if not wanted:
        return set()
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    rows: list[dict[str, Any]] = [
        {"rule": name, "last_evaluated": clock.last, "definition": clock.definition, "updated_at": now}
        for name, (_, clock) in sorted(wanted.items())]
    new = [row for row in rows if wanted[row["rule"]][0] is None]
    first = dialect.insert(rule_clocks).on_conflict_do_nothing().returning(rule_clocks.c.rule)
    moved = set(tx.execute(first, new).scalars()) if new else set[str]()
    # Always in this order, so that two runs at once wait for each other and not in a ring.
    held = {row.rule: row.last_evaluated
            for row in tx.execute(select(rule_clocks).order_by(rule_clocks.c.rule).with_for_update())}
    known = [row for row in rows if (last := wanted[row["rule"]][0]) and held.get(row["rule"]) == last]
    if known:
        tx.execute(dialect.insert(rule_clocks).on_conflict_do_update(
            index_elements=["rule"], set_={name: dialect.insert(rule_clocks).excluded[name] for name in
                                           ("last_evaluated", "definition", "updated_at")}), known)
    return moved | {row["rule"] for row in known}


def load(tx: Connection, rules: Collection[str]) -> dict[str, list[Kept]]:
    """By rule. The database puts together what stands alike: a list of names is one text, not a row for each."""
    listed: Any = func.string_agg if tx.dialect.name == "postgresql" else func.group_concat
    columns = (instances.c.instance, instances.c.fingerprint, instances.c.seen)
    joined = [listed(cast(column, Text), ",") for column in columns]
    query = select(instances.c.rule, *_STATE, *joined).group_by(instances.c.rule, *_STATE)
    found: dict[str, list[Kept]] = {rule: [] for rule in rules}
    for rule, *state, names, fingerprints, seen in tx.execute(query):
        if rule in found:
            lists = (text.split(",") for text in (names, fingerprints, seen))
            found[rule].append(Kept(*state, *lists))
    return found


def labels(tx: Connection, rules: Collection[str]) -> dict[str, list[tuple[Active, dict[str, str]]]]:
    """By rule: the state and the labels of every alert that pends or fires."""
    origin: Any = case((instances.c.state == "pending", "pending:"), else_="rule:")
    origin = origin.concat(instances.c.rule).concat(":").concat(instances.c.instance)
    query = select(instances.c.rule, instances.c.state, alerts.c.labels).join(
        alerts, (alerts.c.fingerprint == instances.c.fingerprint) & (alerts.c.origin == origin))
    found: dict[str, list[tuple[Active, dict[str, str]]]] = {rule: [] for rule in rules}
    for row in tx.execute(query.where(instances.c.rule.in_(sorted(rules)))):
        found[row.rule].append((row.state, row.labels))
    return found


def retire(tx: Connection, rules: Collection[str]) -> dict[str, list[Kept]]:
    """Forgets the clocks of every rule but these; by rule what they had."""
    gone = clocks(tx).keys() - set(rules)
    for rule in sorted(gone):
        tx.execute(delete(rule_clocks).where(rule_clocks.c.rule == rule))
    return {rule: kept for rule, kept in load(tx, gone).items() if kept}
