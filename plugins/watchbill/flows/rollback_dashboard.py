"""An earlier version of a dashboard -> the cloud that it was kept in, until its declaration changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from watchbill.alerts.dashboards import BEGUN, Version
from watchbill.dashboards.live.cloud import Cloud
from watchbill.dashboards.live.differences import differences
from watchbill.flows.apply_dashboards import write
from watchbill.flows.dashboard_changes import Change, Synced
from watchbill.flows.dashboard_memory import Memory
from watchbill.flows.plan_dashboards import declared_digest
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import DashboardError
from watchbill.model.places import Place

log = structlog.get_logger("watchbill")


@dataclass(frozen=True)
class Kept:
    """A version, and where it was."""

    place: Place
    version: Version


def history(dashboard: str, memory: Memory) -> list[Kept]:
    """The newest first, place by place; those whose write never ended are left out."""
    return [Kept(place, version) for place in memory.places() for version in memory.history(place, dashboard)
            if version.kind != BEGUN]


def rollback_dashboard(dashboard: str, number: int, dashboards: Sequence[Dashboard], clouds: Mapping[Place, Cloud],
                       memory: Memory, *, author: str) -> Synced:
    """Puts version `number` back. A sync leaves it there until the declaration changes, or somebody edits it.

    Raises DashboardError where there is no such version, the dashboard is not there or is not declared any more.
    """
    place, version = _found(dashboard, number, memory)
    declared = next((each for each in dashboards if each.id == dashboard), None)
    kept = memory.one(place, dashboard)
    if declared is None or kept is None or not kept.ref:
        raise DashboardError(f"{dashboard} is not kept on {place} any more: declare it, and sync")
    cloud = clouds[place]
    memory.hold(place)
    try:
        held = cloud.get(kept.ref)
        if held is None:
            raise DashboardError(f"{dashboard} is not there on {place} any more: sync first")
        diff = tuple(differences(place.cloud, held.body, cloud.comparable(version.body)))
        change = Change(dashboard, place, "change", diff, body=version.body, tags=cloud.tags(declared),
                        digest=declared_digest(declared, place, cloud), held=held, ref=kept.ref)
        note = f"rolled back to version {number} by {author}, until its declaration changes"
        written = write(change, cloud, memory, "rolled back", author, note)
    finally:
        memory.release(place)
    log.info("dashboard_rolled_back", dashboard=dashboard, **place._asdict(), version=number, url=written.url,
             differences=[str(one) for one in diff])
    return Synced(dashboard, place, "change", written.url)


def place_of(dashboard: str, number: int, memory: Memory) -> Place:
    """Raises DashboardError where there is no such version."""
    return _found(dashboard, number, memory)[0]


def _found(dashboard: str, number: int, memory: Memory) -> tuple[Place, Version]:
    for one in history(dashboard, memory):
        if one.version.number == number:
            return one.place, one.version
    raise DashboardError(f"{dashboard} has no version {number}: `watchbill dashboards history {dashboard}` lists them")
