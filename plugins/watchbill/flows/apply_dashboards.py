"""A plan -> the clouds as it says, or nothing: what was changed live since the plan is not written over unasked.

Every write is noted before and after, so that the next run finds its way from wherever this one ended.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

import structlog

from watchbill.alerts.dashboards import Kept, VersionKind
from watchbill.dashboards.compare import digest
from watchbill.dashboards.live.cloud import Cloud, Held, Listed
from watchbill.flows.dashboard_changes import DONE, WRITES, Change, Synced
from watchbill.flows.dashboard_memory import SETTLE, Memory
from watchbill.model.failures import DashboardError
from watchbill.model.places import Place

Side = Literal["", "overwrite", "keep"]  # which wins where somebody has edited by hand: ours, or theirs

log = structlog.get_logger("watchbill")


class NotApplied(DashboardError):
    """Nothing was written; each of `reasons` is a sentence."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class Terms:
    """On which a plan is applied."""

    side: Side = ""
    prune: int = 5  # the most that are deleted in one place
    whole: bool = True  # one refusal refuses all; else the others are done
    author: str = ""


def apply_dashboards(changes: Sequence[Change], clouds: Mapping[Place, Cloud], memory: Memory,
                     terms: Terms) -> list[Synced]:
    """What became of each. A write that fails is an answer with `error`, and stops no other.

    Raises NotApplied, and then nothing was written; DashboardError where somebody else syncs; LedgerError.
    """
    changes = _on_terms(changes, terms)
    places = list(dict.fromkeys(change.place for change in changes if change.action in WRITES))
    with _held(places, memory):
        ready, written = _as_planned(changes, clouds, terms), _Written()
        done = [_told(change, _apply(change, clouds.get(change.place), memory, terms, written)) for change in ready]
        for place in places:
            _settle(place, clouds[place], written, memory)
    return done


def _on_terms(changes: Sequence[Change], terms: Terms) -> list[Change]:
    """Edits by hand are ours to overwrite, or stay as they are; more deletions than agreed are none."""
    reasons = [f"{one.dashboard} on {one.place} was changed by hand: say which side wins, overwrite or keep"
               for one in changes if one.action == "drifted" and not terms.side]
    deletions = Counter(one.place for one in changes if one.action == "delete")
    excess = {place: f"{count} dashboards would be deleted on {place}, and {terms.prune} are the most at once: "
                     f"confirm {count}" for place, count in deletions.items() if count > terms.prune}
    reasons += excess.values()
    if reasons and (terms.whole or not terms.side):
        raise NotApplied(reasons)
    agreed = [replace(one, action="failed", error=excess[one.place])
              if one.action == "delete" and one.place in excess else one for one in changes]
    return [replace(one, action="change") if one.action == "drifted" and terms.side == "overwrite" else one
            for one in agreed]


@contextmanager
def _held(places: Sequence[Place], memory: Memory) -> Iterator[None]:
    taken: list[Place] = []
    try:
        for place in places:
            memory.hold(place)
            taken.append(place)
        yield
    finally:
        for place in taken:
            memory.release(place)


def _as_planned(changes: Sequence[Change], clouds: Mapping[Place, Cloud], terms: Terms) -> list[Change]:
    """Looks once more, by one list for each place: all is as the plan saw it, or is settled by who wins."""
    seen: dict[Place, Sequence[Listed] | str] = {}
    for place in dict.fromkeys(one.place for one in changes if one.action in WRITES):
        refs = {one.ref for one in changes if one.place == place and one.ref}
        try:
            seen[place] = clouds[place].list(refs)
        except DashboardError as error:
            seen[place] = str(error)
    found = [_checked(one, seen[one.place], clouds[one.place], terms) if one.action in WRITES else one
             for one in changes]
    reasons = [f"{now.dashboard} on {now.place}: {now.error}" for one, now in zip(changes, found, strict=True)
               if now.error and not one.error]
    if reasons and terms.whole:
        raise NotApplied(list(dict.fromkeys(reasons)))
    return found


def _checked(change: Change, seen: Sequence[Listed] | str, cloud: Cloud, terms: Terms) -> Change:
    if isinstance(seen, str):
        return replace(change, action="failed", error=seen)
    mine = [one for one in seen if (one.ref == change.ref if change.ref else one.id == change.dashboard)]
    if change.action == "create":
        return _failed(change, "it is there by now: plan again") if mine else change
    if not mine:
        return _failed(change, "it is gone by now: plan again") if change.action == "change" else change
    if mine[0].version == change.listed:
        return change
    if change.action == "delete" or not terms.side:
        return _failed(change, "it was changed since the plan: plan again, or say which side wins")
    if terms.side == "keep":
        return replace(change, action="drifted", note="it was changed since the plan")
    held = cloud.get(change.ref)
    return replace(change, held=held) if held else _failed(change, "it is gone by now: plan again")


def _failed(change: Change, error: str) -> Change:
    return replace(change, action="failed", error=error)


@dataclass
class _Written:
    """In this run."""

    kept: dict[tuple[Place, str], Kept] = field(default_factory=dict)
    made: set[tuple[Place, str]] = field(default_factory=set)

    def at(self, place: Place) -> dict[str, Kept]:
        return {name: kept for (where, name), kept in self.kept.items() if where == place}


def _apply(change: Change, cloud: Cloud | None, memory: Memory, terms: Terms, written: _Written) -> Synced:
    done = Synced(change.dashboard, change.place, change.action, change.url, change.error,
                  tuple(map(str, change.by_hand)))
    if change.action not in WRITES or cloud is None:
        return done
    try:
        memory.hold(change.place)
        if change.action == "delete":
            cloud.delete(change.ref)
            memory.bury(change.place, change.dashboard)
            return done
        if change.by_hand:
            memory.keep_by_hand(change.place, change.dashboard, cloud.raw(change.ref) or {})
        kept = write(change, cloud, memory, "applied", terms.author)
        written.kept[change.place, change.dashboard] = kept
        written.made |= {(change.place, change.dashboard)} if change.action == "create" else set()
        return replace(done, url=kept.url)
    except DashboardError as error:
        return replace(done, action="failed", error=str(error))


def write(change: Change, cloud: Cloud, memory: Memory, kind: VersionKind, author: str, note: str = "") -> Kept:
    """Puts the body, and keeps what is known of it. Raises DashboardError; Changed where somebody came between."""
    body, tags = change.body or {}, change.tags or {}
    before = memory.one(change.place, change.dashboard) if change.held is None else None
    making = Kept("", "", "", "", "", creating_at=memory.clock()) if change.held is None else None
    number = memory.begin(change.place, change.dashboard, making, body, author)
    if change.held is not None:
        held = cloud.update(change.held, body, tags)
    else:
        held = _lost(change, before, cloud, memory) or cloud.create(change.dashboard, body, tags)
        if held.body != cloud.comparable(body):
            held = cloud.update(held, body, tags)
    kept = Kept(held.ref, held.listed, change.digest, digest(held.body), held.url, note, applied_at=memory.clock())
    memory.end(change.place, change.dashboard, kept, number, kind)
    return kept


def _lost(change: Change, before: Kept | None, cloud: Cloud, memory: Memory) -> Held | None:
    """A POST was made just now by one who did not live to see its end: it is waited for."""
    if before is None or before.creating_at is None or memory.clock() - before.creating_at > SETTLE:
        return None
    return cloud.find(change.dashboard)


def _settle(place: Place, cloud: Cloud, written: _Written, memory: Memory) -> None:
    """The list's versions of what was written, where only the list tells; and no second one of what was made."""
    known = written.at(place)
    made = {name for where, name in written.made if where == place}
    if not made and all(kept.version for kept in known.values()):
        return
    try:
        entries = cloud.list({kept.ref for kept in known.values()})
        _drop_seconds(place, cloud, entries, {name: known[name] for name in made}, memory)
        memory.keep_all(place, dict(_versions(cloud, entries, known)))
    except DashboardError as error:  # the next plan asks for them
        log.warning("dashboards_not_settled", **place._asdict(), error=str(error))


def _versions(cloud: Cloud, entries: Sequence[Listed], known: Mapping[str, Kept]) -> Iterator[tuple[str, Kept]]:
    """Only of what is still as we wrote it, seen after the list: an edit in between is not taken for ours."""
    by_ref = {entry.ref: entry for entry in entries}
    for name, kept in known.items():
        entry = by_ref.get(kept.ref)
        if entry and not kept.version:
            held = cloud.get(kept.ref)
            if held and digest(held.body) == kept.held:
                yield name, replace(kept, version=entry.version)


def _drop_seconds(place: Place, cloud: Cloud, entries: Iterable[Listed], made: Mapping[str, Kept],
                  memory: Memory) -> None:
    """Two syncs that share no ledger may both have made one: the older stays, who made the younger takes it back."""
    first: dict[str, Listed] = {}
    for entry in entries:
        if entry.id is not None:
            first.setdefault(entry.id, entry)
    for name, kept in made.items():
        if name in first and first[name].ref != kept.ref:
            cloud.delete(kept.ref)
            memory.keep(place, name, replace(kept, ref=first[name].ref, version="", url=first[name].url))
            log.warning("dashboard_made_twice", dashboard=name, **place._asdict(), kept=first[name].ref,
                        deleted=kept.ref)


def _told(change: Change, synced: Synced) -> Synced:
    said = {"dashboard": synced.dashboard, **synced.place._asdict()}
    if synced.action == "failed":
        log.error("dashboard_sync_failed", **said, error=synced.error)
    elif synced.action == "drifted":
        log.warning("dashboard_drifted", **said, by_hand=[str(one) for one in change.by_hand], url=synced.url)
    else:
        log.info("dashboard_synced", **said, action=synced.action, done=DONE[synced.action], url=synced.url,
                 differences=[str(one) for one in change.differences])
    return synced


