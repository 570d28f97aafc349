"""What plan and apply remember in the ledger; without one they remember nothing, and ask the clouds more."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from watchbill.alerts import dashboards as kept_dashboards
from watchbill.alerts.dashboards import BEGUN, Kept, Version, VersionKind
from watchbill.alerts.ledger import Ledger
from watchbill.model.failures import DashboardError
from watchbill.model.places import Place

HOLD = timedelta(minutes=5)  # of a place, renewed before each write; many times what a write's calls may take
SETTLE = timedelta(minutes=1)  # after a POST whose end nobody saw, one more is made only when none can show up


class Memory:
    """`holder`: who syncs; a task that is tried again has the same name. `clock`: the wall clock."""

    def __init__(self, ledger: Ledger | None, *, holder: str, clock: Callable[[], datetime],
                 versions: int = 20) -> None:
        self._ledger, self._holder, self._versions = ledger, holder, versions
        self.clock = clock

    def places(self) -> list[Place]:
        if self._ledger is None:
            return []
        with self._ledger.transaction(reads=True) as tx:
            return kept_dashboards.places(tx)

    def of(self, place: Place) -> dict[str, Kept]:
        if self._ledger is None:
            return {}
        with self._ledger.transaction(reads=True) as tx:
            return kept_dashboards.of(tx, place)

    def one(self, place: Place, dashboard: str) -> Kept | None:
        if self._ledger is None:
            return None
        with self._ledger.transaction(reads=True) as tx:
            return kept_dashboards.of(tx, place, dashboard).get(dashboard)

    def history(self, place: Place, dashboard: str) -> list[Version]:
        if self._ledger is None:
            return []
        with self._ledger.transaction(reads=True) as tx:
            return kept_dashboards.history(tx, place, dashboard)

    def keep(self, place: Place, dashboard: str, kept: Kept) -> None:
        if self._ledger is not None:
            with self._ledger.transaction() as tx:
                kept_dashboards.keep(tx, place, dashboard, kept)

    def keep_all(self, place: Place, found: Mapping[str, Kept]) -> None:
        """All in one transaction."""
        if self._ledger is not None and found:
            with self._ledger.transaction() as tx:
                for dashboard, kept in found.items():
                    kept_dashboards.keep(tx, place, dashboard, kept)

    def begin(self, place: Place, dashboard: str, kept: Kept | None, body: dict[str, Any], author: str) -> int:
        """Before a write: what it is to be. A crash after it leaves no riddle. `kept`: the row of one that is made."""
        if self._ledger is None:
            return 0
        with self._ledger.transaction() as tx:
            if kept is not None:
                kept_dashboards.keep(tx, place, dashboard, kept)
            return kept_dashboards.remember(tx, place, dashboard, BEGUN, body, author=author, most=self._versions,
                                            now=self.clock())

    def end(self, place: Place, dashboard: str, kept: Kept, number: int, kind: VersionKind) -> None:
        """After it: the version of `begin` is the one that is there."""
        if self._ledger is not None:
            with self._ledger.transaction() as tx:
                kept_dashboards.keep(tx, place, dashboard, kept)
                kept_dashboards.settle(tx, place, dashboard, number, kind)

    def keep_by_hand(self, place: Place, dashboard: str, body: dict[str, Any]) -> None:
        """What somebody made of it, before it is overwritten."""
        if self._ledger is not None:
            with self._ledger.transaction() as tx:
                kept_dashboards.remember(tx, place, dashboard, "by hand", body, author="", most=self._versions,
                                         now=self.clock())

    def bury(self, place: Place, dashboard: str) -> None:
        if self._ledger is not None:
            with self._ledger.transaction() as tx:
                kept_dashboards.bury(tx, place, dashboard, now=self.clock())

    def hold(self, place: Place) -> None:
        """Raises DashboardError where somebody else syncs there."""
        if self._ledger is None:
            return
        now = self.clock()
        with self._ledger.transaction() as tx:
            other = kept_dashboards.hold(tx, place, self._holder, now + HOLD, now=now)
        if other:
            raise DashboardError(f"{place}: {other} is at work there; nothing was written: run it again")

    def release(self, place: Place) -> None:
        if self._ledger is not None:
            with self._ledger.transaction() as tx:
                kept_dashboards.release(tx, place, self._holder, now=self.clock())
