"""Two clouds in memory, a ledger, and a sync between them and declarations."""

import atexit
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.unit.dashboards.fake_cloud import Clock, FakeCloud
from watchbill.alerts.ledger import Ledger
from watchbill.flows.apply_dashboards import Terms, apply_dashboards
from watchbill.flows.dashboard_changes import Change, Synced
from watchbill.flows.dashboard_memory import Memory
from watchbill.flows.plan_dashboards import plan_dashboards
from watchbill.model.dashboards import Dashboard
from watchbill.model.places import Place
from watchbill.model.settings import DashboardSettings

CLOUDWATCH, DATADOG = Place("cloudwatch", "aws_default"), Place("datadog", "datadog_default")


@cache
def _migrated() -> Path:
    """An empty ledger, made once."""
    file = Path(mkdtemp(prefix="watchbill-ledger-")) / "ledger.db"
    atexit.register(shutil.rmtree, file.parent)
    ledger = Ledger.open(f"sqlite:///{file}")
    ledger.migrate()
    ledger.close()
    return file


class World:
    def __init__(self, folder: Path, settings: DashboardSettings | None = None) -> None:
        self.clouds: dict[Place, Any] = {CLOUDWATCH: FakeCloud(tells_versions=False), DATADOG: FakeCloud()}
        self.settings = settings or DashboardSettings()
        self.clock = Clock()
        self.folder = folder
        self.ledger: Ledger | None = self.open("ledger")

    def open(self, name: str) -> Ledger:
        if not (self.folder / f"{name}.db").exists():
            shutil.copy(_migrated(), self.folder / f"{name}.db")
        return Ledger.open(f"sqlite:///{self.folder}/{name}.db")

    @property
    def cloudwatch(self) -> FakeCloud:
        return self.clouds[CLOUDWATCH]

    @property
    def datadog(self) -> FakeCloud:
        return self.clouds[DATADOG]

    def memory(self, holder: str = "test") -> Memory:
        return Memory(self.ledger, holder=holder, clock=self.clock, versions=self.settings.versions)

    def plan(self, *dashboards: Dashboard, **options: Any) -> list[Change]:
        return plan_dashboards(dashboards, self.clouds, self.memory(), self.settings, **options)

    def apply(self, changes: Sequence[Change], **terms: Any) -> list[Synced]:
        return apply_dashboards(changes, self.clouds, self.memory(), Terms(author="ann", **terms))

    def sync(self, *dashboards: Dashboard, **terms: Any) -> list[str]:
        return said(self.apply(self.plan(*dashboards), **terms))

    def lose_the_ledger(self) -> None:
        self.ledger = self.open("another")

    def forget_calls(self) -> None:
        for cloud in self.clouds.values():
            cloud.calls.clear()


def said(found: Sequence[Change | Synced]) -> list[str]:
    return [f"{each.action} {each.dashboard} {each.place.cloud}" for each in found]
