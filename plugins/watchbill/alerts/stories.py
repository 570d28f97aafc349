"""What there is to say of alerts: how each stands now, and all that ever happened to one. Reads only."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from watchbill.alerts import acknowledgements, states, suppressions
from watchbill.alerts.database import among
from watchbill.alerts.states import AlertState, State
from watchbill.alerts.suppressions import By, Kind
from watchbill.alerts.tables import groups, history, outbox
from watchbill.model.acknowledgements import Acknowledgement
from watchbill.model.alerts import Alert, fingerprint

_RANK: dict[State, int] = {"resolved": 0, "pending": 1, "firing": 2}


@dataclass(frozen=True)
class Standing:
    """An alert as it is now; several origins with the same labels are one."""

    alert: Alert
    state: State
    origins: tuple[str, ...]
    quiet: Mapping[Kind, By] = field(default_factory=dict)  # silenced, inhibited, muted: by what
    acknowledged: Acknowledgement | None = None

    def to_json(self) -> dict[str, Any]:
        alert = self.alert
        return {
            "fingerprint": alert.fingerprint, "state": self.state, "labels": dict(alert.labels),
            "annotations": dict(alert.annotations), "metadata": dict(alert.metadata), "type": alert.type,
            "starts_at": alert.starts_at, "ends_at": alert.ends_at, "origins": list(self.origins),
            **{f"{kind}_by": self.quiet.get(kind, []) for kind in suppressions.KINDS},
            "acknowledged": self.acknowledged.to_json() if self.acknowledged else None,
        }


def standings(tx: Connection, only: Collection[State], now: datetime) -> list[Standing]:
    """One for each label set, in the order in which they began."""
    found: dict[str, list[AlertState]] = {}
    for one in states.every(tx, only):
        found.setdefault(one.fingerprint, []).append(one)
    quiet, held = suppressions.current(tx), acknowledgements.held(tx)
    return [_standing(each, quiet, held, now) for each in found.values()]


def _standing(
    each: list[AlertState], quiet: suppressions.Suppressed, held: Mapping[str, Acknowledgement], now: datetime,
) -> Standing:
    one = max(each, key=lambda state: (_RANK[state.state], state.alert.starts_at))
    mark = one.fingerprint
    known = held.get(mark)
    holds = known if known and one.state == "firing" and known.holds(one.alert, now) else None
    reasons = {kind: quiet[mark, kind] for kind in suppressions.KINDS if (mark, kind) in quiet}
    return Standing(one.alert, one.state, tuple(sorted(state.origin for state in each)), reasons, holds)


def story(tx: Connection, mark: str, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """All that happened to an alert, oldest first: at, kind and what else there is to say of it.

    Its own changes as the history has them; and of every notification that named it when it was queued, for whom and
    why, each try with the vendor's answer or error, and what became of it.
    """
    told = {row["id"]: row for row in _notifications(tx, mark, labels)}
    rows = list(_history(tx, [mark, *told]))
    return [_entry(row, told.get(row["subject"])) for row in sorted(rows, key=lambda row: (row["at"], row["id"]))]


def _entry(row: Mapping[str, Any], told: Mapping[str, Any] | None) -> dict[str, Any]:
    entry = {"at": row["at"], "kind": row["kind"], **row["detail"]}
    if told is None:
        return entry
    where = {"notification": told["id"], "receiver": told["receiver"], "channel": told["channel"]["kind"],
             "target": told["channel"]["target"], "as": told["as"]}
    return {**entry, **where}


def _notifications(tx: Connection, mark: str, labels: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Those of groups whose labels the alert has: only they can have named it."""
    known = [row.id for row in tx.execute(select(groups.c.id, groups.c.labels)) if row.labels.items() <= labels.items()]
    names = (outbox.c.id, outbox.c.receiver, outbox.c.channel, outbox.c.firing, outbox.c.resolved)
    for row in tx.execute(select(*names).where(among(tx, outbox.c.group_id, known))).mappings():
        said = [kind for kind in ("firing", "resolved")
                if any(fingerprint(alert["labels"]) == mark for alert in row[kind])]
        if said:
            yield {**row, "as": said[0]}


def _history(tx: Connection, subjects: list[str]) -> Iterable[dict[str, Any]]:
    query = select(history).where(among(tx, history.c.subject, subjects))
    return (dict(row) for row in tx.execute(query).mappings())
