"""Both clouds made to match the YAML: plan, then apply; an edit by hand is kept and told, or replaced."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from watchbill.dashboards.live.cloud import Cloud
from watchbill.flows.apply_dashboards import Terms, apply_dashboards
from watchbill.flows.dashboard_changes import Change, Synced
from watchbill.flows.dashboard_memory import Memory
from watchbill.flows.plan_dashboards import plan_dashboards
from watchbill.model.dashboards import Dashboard
from watchbill.model.places import Place
from watchbill.model.settings import DashboardSettings


@dataclass(frozen=True)
class Sync:
    """What was planned and, unless it was a dry run, what became of it."""

    changes: tuple[Change, ...]
    synced: tuple[Synced, ...] = ()

    def left(self) -> list[Change]:
        """The changes as they stand now: what failed or was kept is told by the one who did it."""
        ends = {(one.dashboard, one.place): one for one in self.synced}
        return [replace(one, action=end.action, url=end.url) if (end := ends.get((one.dashboard, one.place))) else one
                for one in self.changes]


def sync_dashboards(dashboards: Sequence[Dashboard], clouds: Mapping[Place, Cloud], memory: Memory,
                    settings: DashboardSettings, terms: Terms, *, only: Collection[str] = (), prunes: bool = True,
                    dry_run: bool = False) -> Sync:
    """Raises DashboardError where nothing could be done, LedgerError."""
    changes = plan_dashboards(dashboards, clouds, memory, settings, only=only, prunes=prunes)
    if dry_run:
        return Sync(tuple(changes))
    return Sync(tuple(changes), tuple(apply_dashboards(changes, clouds, memory, terms)))
