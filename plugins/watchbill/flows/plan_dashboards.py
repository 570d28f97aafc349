"""Declarations, the ledger and each cloud's list -> what has to be done; writes nothing.

A dashboard is asked for only where its version in the list is not the one that the ledger knows, or where something is
to be changed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from watchbill.alerts.dashboards import BEGUN, Kept
from watchbill.dashboards.compare import digest
from watchbill.dashboards.live.cloud import Body, Cloud, Listed
from watchbill.dashboards.live.differences import Difference, differences
from watchbill.dashboards.validate import validate
from watchbill.flows.dashboard_changes import Change
from watchbill.flows.dashboard_memory import Memory
from watchbill.model.clouds import NAMES
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import DashboardError
from watchbill.model.places import Place, adopted, places_of
from watchbill.model.settings import DashboardSettings


def plan_dashboards(
    dashboards: Sequence[Dashboard], clouds: Mapping[Place, Cloud], memory: Memory, settings: DashboardSettings, *,
    only: Collection[str] = (), prunes: bool = True,
) -> list[Change]:
    """A change for each dashboard and each of its places that is passed in, then those that are declared no more.

    `only`: of these dashboards; nothing is pruned then, nor with `prunes` off. A place that cannot be asked is
    `failed`, and stops no other. Raises LedgerError, and DashboardError for a name in `only` that is not declared.
    """
    unknown = sorted(set(only) - {each.id for each in dashboards})
    if unknown:
        raise DashboardError(f"no dashboard is declared as {', '.join(unknown)}")
    found = [change for place, cloud in clouds.items()
             for change in _Here(place, cloud, memory, settings).plan(dashboards, only, prunes and not only)]
    order = {dashboard.id: at for at, dashboard in enumerate(dashboards)}
    return sorted(found, key=lambda each: (order.get(each.dashboard, len(order)), each.dashboard))


@dataclass
class _Here:
    """One place."""

    place: Place
    cloud: Cloud
    memory: Memory
    settings: DashboardSettings
    kept: dict[str, Kept] = field(default_factory=dict)
    seen: dict[str, Kept] = field(default_factory=dict)  # equal to what is declared, and not known before

    def plan(self, dashboards: Sequence[Dashboard], only: Collection[str], prunes: bool) -> list[Change]:
        here = [each for each in dashboards if self.place in places_of(each, self.settings)]
        asked = [each for each in here if not only or each.id in only]
        self.kept = {name: kept for name, kept in self.memory.of(self.place).items() if kept.ref or kept.is_buried}
        if not asked and not prunes:
            return []
        adopting = {each.id: adopted(each, self.place, self.settings) for each in here}
        known = {name: kept.ref for name, kept in self.kept.items() if kept.ref}
        wanted = {*adopting.values(), *known.values()} - {""}
        try:
            # What is to be found by its mark may stand anywhere.
            entries = self.cloud.list(wanted, enough=wanted if {each.id for each in asked} <= known.keys() else ())
        except DashboardError as error:
            return [Change(each.id, self.place, "failed", error=str(error)) for each in asked]
        changes = [self._safely(each, entries, adopting[each.id]) for each in asked]
        if prunes:
            changes += self._pruned(entries, {each.id for each in here}, set(adopting.values()))
        self.memory.keep_all(self.place, self.seen)
        return changes

    def _safely(self, dashboard: Dashboard, entries: Sequence[Listed], adopting: str) -> Change:
        try:
            entry = _find(entries, dashboard.id, adopting, self.kept.get(dashboard.id), self.place)
            return self._one(dashboard, entry, bool(adopting))
        except DashboardError as error:
            return Change(dashboard.id, self.place, "failed", error=str(error))

    def _one(self, dashboard: Dashboard, entry: Listed | None, adopts: bool) -> Change:
        wanted = _Wanted.of(dashboard, self.place, self.cloud)
        kept = self.kept.get(dashboard.id)
        base = Change(dashboard.id, self.place, "create", body=wanted.body, tags=wanted.tags, digest=wanted.digest)
        if entry is None:
            _require_valid(dashboard, self.place)
            size = len(wanted.body.get("widgets", []))
            gone = "it was deleted by hand" if kept and kept.ref else ""
            said = Difference("added", f"{dashboard.title}, {size} widget{'' if size == 1 else 's'}")
            return replace(base, differences=(said,), note=gone)
        here = replace(base, ref=entry.ref, listed=entry.version, url=entry.url or (kept.url if kept else ""))
        if kept and (kept.ref, kept.version, kept.digest) == (entry.ref, entry.version, wanted.digest):
            return replace(here, action="unchanged", body=None, tags=None, note=kept.note)
        _require_valid(dashboard, self.place)
        return self._compared(here, entry, wanted, kept if kept and kept.ref == entry.ref else None, adopts)

    def _compared(self, change: Change, entry: Listed, wanted: "_Wanted", kept: Kept | None, adopts: bool) -> Change:
        held = self.cloud.get(entry.ref)
        if held is None:
            raise DashboardError(f"{NAMES[self.place.cloud]}: {entry.ref} is listed, and is not there: plan again")
        live = digest(held.body)
        found = replace(change, held=held, url=held.url)
        if held.body == wanted.normal:
            self.seen[change.dashboard] = Kept(entry.ref, entry.version, wanted.digest, live, held.url,
                                               applied_at=kept.applied_at if kept else None)
            if kept is None or kept.digest == wanted.digest or not wanted.tags:
                return replace(found, action="unchanged", body=None, tags=None, held=None)
        if kept and live == kept.held and kept.digest == wanted.digest:  # saved by somebody, and nothing else
            self.seen[change.dashboard] = replace(kept, version=entry.version)
            return replace(found, action="unchanged", body=None, tags=None, held=None, note=kept.note)
        if kept is None and not adopts:
            self._require_ours(entry)
        versions = [] if kept is None else self.memory.history(self.place, change.dashboard)
        begun = [one for one in versions if one.kind == BEGUN and self.cloud.comparable(one.body) == held.body]
        diff = tuple(differences(self.place.cloud, held.body, wanted.normal)) or _of_tags(wanted)
        if kept and live != kept.held and held.body != wanted.normal and not begun:
            ours = next((one.body for one in versions if one.kind in ("applied", "rolled back")), wanted.body)
            by_hand = tuple(differences(self.place.cloud, self.cloud.comparable(ours), held.body))
            note = "" if kept.digest == wanted.digest else "its declaration has changed too"
            return replace(found, action="drifted", differences=diff, by_hand=by_hand, note=note)
        self.seen.pop(change.dashboard, None)
        note = f"adopts {entry.ref}" if adopts and kept is None else ""
        return replace(found, action="change", differences=diff, note=note)

    def _require_ours(self, entry: Listed) -> None:
        """A name may be anybody's. Raises DashboardError."""
        if not self.cloud.owns(entry):
            raise DashboardError(
                f"{NAMES[self.place.cloud]}: {entry.ref} is there, and nothing says that it is ours: "
                f"write `adopt: {{{self.place.cloud}: {entry.ref}}}` to take it over")

    def _pruned(self, entries: Sequence[Listed], declared: set[str], adopting: set[str]) -> Iterator[Change]:
        """Of two with the same mark one is somebody's copy: the ledger tells which, or their age."""
        first: dict[str, Listed] = {}
        for entry in entries:
            if entry.id is not None and entry.id not in declared and entry.ref not in adopting:
                first.setdefault(entry.id, entry)
                if entry.ref == self._known(entry.id):
                    first[entry.id] = entry
        for dashboard, entry in first.items():
            kept = self.kept.get(dashboard)
            if kept and kept.ref != entry.ref:
                continue
            try:
                if kept or self.cloud.owns(entry):
                    yield Change(dashboard, self.place, "delete", listed=entry.version, ref=entry.ref, url=entry.url,
                                 differences=(Difference("removed", "the whole dashboard"),),
                                 note="it is declared no more")
            except DashboardError as error:
                yield Change(dashboard, self.place, "failed", error=str(error))

    def _known(self, dashboard: str) -> str:
        kept = self.kept.get(dashboard)
        return kept.ref if kept else ""


@dataclass(frozen=True)
class _Wanted:
    """What is declared, in the cloud's words. Whether the cloud would take it is asked only where it is to be written:
    what it took before it takes again.
    """

    dashboard: Dashboard
    cloud: Cloud
    body: Body
    tags: dict[str, str]

    @classmethod
    def of(cls, dashboard: Dashboard, place: Place, cloud: Cloud) -> "_Wanted":
        """Raises DashboardError for what cannot be said there."""
        try:
            return cls(dashboard, cloud, cloud.render(dashboard), cloud.tags(dashboard))
        except DashboardError:
            _require_valid(dashboard, place)
            raise

    @cached_property
    def digest(self) -> str:
        return digest([self.body, self.tags])

    @cached_property
    def normal(self) -> Body:
        return self.cloud.comparable(self.body)


def _require_valid(dashboard: Dashboard, place: Place) -> None:
    wrong = [f"{each.field}: {each.problem}" for each in validate(dashboard, place.cloud) if each.severity == "error"]
    if wrong:
        raise DashboardError("; ".join(wrong))


def declared_digest(dashboard: Dashboard, place: Place, cloud: Cloud) -> str:
    """As the ledger keeps it. Raises DashboardError for what cannot be said there."""
    return _Wanted.of(dashboard, place, cloud).digest


def _find(entries: Sequence[Listed], dashboard: str, adopting: str, kept: Kept | None, place: Place) -> Listed | None:
    """The one that stands for it, or None. Raises DashboardError where that cannot be said."""
    by_ref, cloud = {entry.ref: entry for entry in entries}, NAMES[place.cloud]
    if adopting:
        if adopting not in by_ref:
            raise DashboardError(f"{cloud}: there is no {adopting} to adopt: correct `adopt`, or leave it out")
        return by_ref[adopting]
    known = by_ref.get(kept.ref) if kept else None
    if known and known.id != dashboard:
        raise DashboardError(f"{cloud}: the mark in the description of {known.ref} was taken away by hand: write "
                             f"`adopt: {{{place.cloud}: {known.ref}}}` to take it back")
    return known or next((entry for entry in entries if entry.id == dashboard), None)


def _of_tags(wanted: _Wanted) -> tuple[Difference, ...]:
    said: Any = dict(wanted.tags)
    return (Difference("added", "", "tags", None, said),)
