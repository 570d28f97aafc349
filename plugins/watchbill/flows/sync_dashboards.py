"""Both clouds made to match the YAML: plan (reads only), then apply. One cloud's failure leaves the other's alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import structlog

from watchbill.dashboards.cloud import Body, Cloud, Held
from watchbill.dashboards.compare import difference
from watchbill.dashboards.validate import validate
from watchbill.model.dashboards import Cloud as CloudName
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import DashboardError

log = structlog.get_logger("watchbill")

Action = Literal["create", "update", "unchanged", "failed"]


@dataclass(frozen=True)
class Change:
    """What one dashboard needs on one cloud. Goes through XCom as JSON."""

    dashboard: str
    cloud: CloudName
    action: Action
    diff: tuple[str, ...] = ()
    body: Body | None = None  # to be kept; None for unchanged and failed
    held: Held | None = None  # what was compared with
    error: str = ""  # why it cannot be planned

    def __str__(self) -> str:
        lines = [f"{self.action} {self.dashboard} on {self.cloud}{f': {self.error}' if self.error else ''}"]
        return "\n".join([*lines, *(f"    {line}" for line in self.diff)])

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"diff": list(self.diff)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Change":
        held = Held(**data["held"]) if data["held"] else None
        return cls(**{**data, "diff": tuple(data["diff"]), "held": held})


@dataclass(frozen=True)
class Synced:
    """What became of a change."""

    dashboard: str
    cloud: CloudName
    action: Action
    url: str = ""
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def plan_sync(dashboards: Sequence[Dashboard], clouds: Mapping[CloudName, Cloud]) -> list[Change]:
    """One change for each dashboard and each of its clouds that is passed in, in that order; writes nothing.

    Dashboards that are in no declaration any more are left alone.
    """
    by_cloud = [_plan_cloud([each for each in dashboards if name in each.clouds], name, cloud)
                for name, cloud in clouds.items()]
    order = {dashboard.id: at for at, dashboard in enumerate(dashboards)}
    return sorted((change for changes in by_cloud for change in changes), key=lambda each: order[each.dashboard])


def _plan_cloud(dashboards: Sequence[Dashboard], name: CloudName, cloud: Cloud) -> Iterator[Change]:
    if not dashboards:
        return
    try:
        refs = cloud.list()
    except DashboardError as error:
        yield from (Change(each.id, name, "failed", error=str(error)) for each in dashboards)
        return
    for dashboard in dashboards:
        try:
            yield _plan_one(dashboard, name, cloud, refs.get(dashboard.id))
        except DashboardError as error:
            yield Change(dashboard.id, name, "failed", error=str(error))


def _plan_one(dashboard: Dashboard, name: CloudName, cloud: Cloud, ref: str | None) -> Change:
    wrong = [f"{each.field}: {each.problem}" for each in validate(dashboard, name) if each.severity == "error"]
    if wrong:
        raise DashboardError("; ".join(wrong))
    body = cloud.render(dashboard)
    held = cloud.get(ref) if ref is not None else None
    if held is None:
        return Change(dashboard.id, name, "create", (f"+ {dashboard.title}: {len(body['widgets'])} widgets",), body)
    diff = tuple(difference(held.body, cloud.comparable(body)))
    return Change(dashboard.id, name, "update" if diff else "unchanged", diff, body if diff else None, held)


def apply_sync(changes: Sequence[Change], clouds: Mapping[CloudName, Cloud]) -> list[Synced]:
    """Makes the changes. A failure is an answer with `error`, and stops no other change."""
    return [_told(_apply(change, clouds[change.cloud])) for change in changes]


def _apply(change: Change, cloud: Cloud) -> Synced:
    done = Synced(change.dashboard, change.cloud, change.action, change.held.url if change.held else "", change.error)
    if change.body is None:
        return done
    try:
        if change.held is None:
            kept = cloud.create(change.dashboard, change.body)
        else:
            kept = cloud.update(change.held, change.body)
    except DashboardError as error:
        return replace(done, action="failed", error=str(error))
    return replace(done, url=kept.url)


def _told(synced: Synced) -> Synced:
    if synced.action == "failed":
        log.error("dashboard_sync_failed", dashboard=synced.dashboard, cloud=synced.cloud, error=synced.error)
    else:
        log.info("dashboard_synced", dashboard=synced.dashboard, cloud=synced.cloud, action=synced.action,
                 url=synced.url)
    return synced
