"""What an evaluation changed, into the ledger: instances, their alerts and the history of these, in a few statements.

However many alerts begin or end at once, they are staged in one go and moved by the database itself. Ends come before
beginnings, so that an alert whose labels changed is told as the end of one and the beginning of another.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from watchbill.alerts.instances import Active
from watchbill.alerts.staging import moment, stage
from watchbill.model.alerts import GRAPH

MOST_TOLD = 100
"""Of the alerts that ended, so many are named; all are counted."""

_HISTORY = """INSERT INTO history (at, kind, subject, detail)
SELECT :now, 'alert_' || {status}, {subject}, '{{"origin":' || {origin} || {more} || '}}' FROM {source}"""
_ENDED = "watchbill_ended e JOIN watchbill_ends h ON h.head = e.head"
_ENDING = f"alerts a JOIN ({_ENDED}) ON a.fingerprint = e.fingerprint AND a.origin = h.origin || e.instance"
_STANDING = "watchbill_standing s JOIN watchbill_heads h ON h.head = s.head"
_METADATA = (f"substr(s.metadata, 1, length(s.metadata) - 1) || ',\"{GRAPH}\":{{' || h.picture || ',' || g.series "
             "|| '}}'")
_INSTANCE = ("state", "active_at", "fired_at", "clear_since", "no_data", "fingerprint", "seen")
_ALERT = ("status", "labels", "annotations", "metadata", "starts_at", "ends_at", "expires_at", "updated_at")


class Head(NamedTuple):
    """What many instances of one rule have in common."""

    rule: str
    state: Active
    active_at: datetime | None
    fired_at: datetime | None
    clear_since: datetime | None
    no_data: bool
    at: datetime  # the evaluation
    picture: str  # the insides of a JSON object, as `series` of the instances: together they are what a picture shows


class End(NamedTuple):
    """What many instances have in common that end, or whose alert has become another."""

    rule: str
    state: Active  # until now
    at: datetime
    forgets: bool  # the instance too, and not only its alert


class Standing:
    """Instances that stand otherwise than before, by columns; the words are JSON. Without words one keeps its own."""

    columns = ("head", "instance", "fingerprint", "seen", "labels", "annotations", "metadata", "series")

    def __init__(self) -> None:
        self.rows: dict[str, list[Any]] = {name: [] for name in self.columns}

    def add(self, *columns: Iterable[Any]) -> None:
        for rows, more in zip(self.rows.values(), columns, strict=True):
            rows.extend(more)


@dataclass
class Changes:
    """All of it, of any number of rules."""

    heads: list[Head] = field(default_factory=list)
    standing: Standing = field(default_factory=Standing)
    ends: list[End] = field(default_factory=list)
    ended: list[tuple[int, str, str]] = field(default_factory=list)
    """end, instance, fingerprint."""
    series: dict[str, int] = field(default_factory=dict)

    def place_of(self, series: str) -> int:
        """A series may be in alert by a hundred rules: it is written down once."""
        return self.series.setdefault(series, len(self.series))


def write(tx: Connection, changes: Changes, *, now: datetime) -> list[tuple[str, str]]:
    """The rule and labels (JSON) of the first MOST_TOLD of the alerts that resolved. Repeating it changes nothing."""
    resolved = _end(tx, changes, now) if changes.ended else []
    if changes.heads:
        _stand(tx, changes, now)
    return resolved


def _end(tx: Connection, changes: Changes, now: datetime) -> list[tuple[str, str]]:
    origins = [f"{_kind(end.state)}:{end.rule}:" for end in changes.ends]
    stage(tx, "watchbill_ends", {
        "head": ("INTEGER", range(len(changes.ends))), "rule": ("TEXT", [end.rule for end in changes.ends]),
        "origin": ("TEXT", origins), "at": ("TIMESTAMP", [end.at for end in changes.ends]),
        "forgets": ("BOOLEAN", [end.forgets for end in changes.ends])})
    heads, instances, fingerprints = zip(*changes.ended, strict=True)
    stage(tx, "watchbill_ended", {"head": ("INTEGER", heads), "instance": ("TEXT", instances),
                                  "fingerprint": ("TEXT", fingerprints)})
    given = {"now": moment(tx, now)}
    firing = f"{_ENDING} WHERE a.status = 'firing'"
    told = tx.execute(text(f"SELECT h.rule, a.labels FROM {firing} LIMIT {MOST_TOLD}")).all()  # noqa: S608
    tx.execute(text(_HISTORY.format(status="'resolved'", subject="a.fingerprint", origin=_quoted(tx, "a.origin"),
                                    more="''", source=firing)), given)
    tx.execute(text("UPDATE alerts SET status = 'resolved', ends_at = e.at, expires_at = NULL, updated_at = :now "  # noqa: S608
                    f"FROM (SELECT e.fingerprint, h.origin || e.instance AS origin, h.at FROM {_ENDED}) e "
                    "WHERE alerts.status = 'firing' AND alerts.fingerprint = e.fingerprint "
                    "AND alerts.origin = e.origin"), given)
    tx.execute(text("DELETE FROM alerts WHERE status = 'pending' AND (fingerprint, origin) IN "  # noqa: S608
                    f"(SELECT e.fingerprint, h.origin || e.instance FROM {_ENDED})"))
    tx.execute(text("DELETE FROM instances WHERE (rule, instance) IN "  # noqa: S608
                    f"(SELECT h.rule, e.instance FROM {_ENDED} WHERE h.forgets)"))
    return [(row.rule, row.labels) for row in told]


def _stand(tx: Connection, changes: Changes, now: datetime) -> None:
    heads = changes.heads
    stage(tx, "watchbill_heads", {
        "head": ("INTEGER", range(len(heads))),
        **{name: ("TEXT", [getattr(one, name) for one in heads]) for name in ("rule", "state", "picture")},
        **{name: ("TIMESTAMP", [getattr(one, name) for one in heads])
           for name in ("active_at", "fired_at", "clear_since", "at")},
        "no_data": ("BOOLEAN", [one.no_data for one in heads]),
        "origin": ("TEXT", [f"{_kind(one.state)}:{one.rule}:" for one in heads])})
    stage(tx, "watchbill_standing", {name: ("INTEGER" if name in ("head", "series") else "TEXT", column)
                                     for name, column in changes.standing.rows.items()})
    stage(tx, "watchbill_series", {"place": ("INTEGER", list(changes.series.values())),
                                   "series": ("TEXT", list(changes.series))})
    given = {"now": moment(tx, now)}
    tx.execute(text(
        f"INSERT INTO instances (rule, instance, {', '.join(_INSTANCE)}) "  # noqa: S608
        f"SELECT h.rule, s.instance, h.state, h.active_at, h.fired_at, h.clear_since, h.no_data, s.fingerprint, s.seen "
        f"FROM {_STANDING} WHERE true ON CONFLICT (rule, instance) DO UPDATE SET {_all(_INSTANCE)}"))
    known = "LEFT JOIN alerts a ON a.fingerprint = s.fingerprint AND a.origin = h.origin || s.instance"
    tx.execute(text(_HISTORY.format(
        status="h.state", subject="s.fingerprint", origin=_quoted(tx, "h.origin || s.instance"),
        more="""',"labels":' || s.labels || ',"metadata":' || s.metadata""",
        source=f"{_STANDING} {known} WHERE s.labels IS NOT NULL AND (a.status IS NULL OR a.status <> h.state)")), given)
    tx.execute(text(
        "INSERT INTO alerts (fingerprint, origin, type, status, labels, annotations, metadata, starts_at, ends_at, "  # noqa: S608
        "expires_at, updated_at) SELECT s.fingerprint, h.origin || s.instance, 'metric', h.state, s.labels, "
        f"s.annotations, {_METADATA}, coalesce(h.fired_at, h.active_at, h.at), NULL, NULL, :now "
        f"FROM {_STANDING} JOIN watchbill_series g ON g.place = s.series WHERE s.labels IS NOT NULL "
        f"ON CONFLICT (fingerprint, origin) DO UPDATE SET {_all(_ALERT)}"), given)


def _kind(state: Active) -> str:
    """What pends has a row of its own: the resolve before it may still have to be told."""
    return "pending" if state == "pending" else "rule"


def _all(columns: tuple[str, ...]) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in columns)


def _quoted(tx: Connection, expression: str) -> str:
    return f"CAST(to_json({expression}) AS text)" if tx.dialect.name == "postgresql" else f"json_quote({expression})"
