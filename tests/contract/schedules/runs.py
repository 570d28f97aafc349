"""The runs of a schedule, as the operators of on_airflow make them, each a process with a life of its own."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.credentials import AWS_ACCOUNT, AWS_REGION
from tests.contract.schedules.cloud import KINDS, Kind, Manner, Source, entries, kinds_of
from tests.contract.schedules.mortal import Life, open_lake
from tests.contract.schedules.place import Place
from watchbill.flows.backfill_metrics import plan_backfill, verify_backfill
from watchbill.flows.collect_metrics import collect_share, finish_collection, planned_shares
from watchbill.flows.coverage import live_window
from watchbill.flows.plan_collection import Reader, plan_collection
from watchbill.flows.tend_lake import tend_lake
from watchbill.lake.lake import Lake
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.settings import Settings
from watchbill.model.targets import Target
from watchbill.model.windows import Window, floor_time
from watchbill.sources import cloudwatch, datadog
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Query, Request

TICK = timedelta(minutes=5)
SETTINGS = Settings()
Answered = Callable[[Window, Collection[Kind]], None]


@dataclass
class Process:
    """Asks one source, at one time, for one lake."""

    source: Source
    client: Any
    manner: Manner
    place: Place
    now: datetime
    answered: Answered  # told of what the source answered, and of what it does not list
    listed: Collection[Kind]  # by CloudWatch
    life: Life

    @property
    def lake(self) -> Lake:
        return open_lake(self.place, self.life)

    @property
    def entries(self) -> list[MetricEntry]:
        return entries(self.source, self.manner)

    def tick(self) -> Window:
        """A scheduled run, whose tasks each open the lake anew."""
        end = floor_time(self.now, int(TICK.total_seconds()))
        window = live_window(self.source, Window(end - TICK, end), self.lake)
        shares = plan_collection(self.entries, self.source, window, self._open, self.lake, now=self.now,
                                 settle=SETTINGS.delay(self.source))
        self._finish(window, shares, whole=True)
        return window

    def by_hand(self, window: Window, *, whole: bool = True) -> None:
        """A window of the form, of all metrics or of the first alone."""
        chosen = self.entries if whole else self.entries[:1]
        self._collect(window, chosen, again=True, whole=whole)

    def airflow_backfill(self, window: Window, step: timedelta) -> None:
        """Airflow's own: window by window, without what is there already."""
        start = window.start
        while start < window.end:
            self._collect(Window(start, min(start + step, window.end)), self.entries, again=False, whole=True)
            start += step

    def backfill(self, window: Window, *, again: bool) -> None:
        shares = plan_backfill(self.entries, self.source, window, self._open, self.lake, now=self.now,
                               dry_run=False, again=again)
        reports = [self._share(share) for share in shares]
        verify_backfill(self.source, window, reports, self.lake, now=self.now, whole=True)

    def tend(self) -> None:
        tend_lake(self.lake, now=self.now, settings=SETTINGS, entries=self.entries)

    def quarantine(self) -> None:
        lake = self.lake
        lake.quarantine(lake.verify().faults)

    def _collect(self, window: Window, chosen: Sequence[MetricEntry], *, again: bool, whole: bool) -> None:
        shares = plan_collection(chosen, self.source, window, self._open, self.lake, now=self.now, again=again)
        self._finish(window, shares, whole=whole)

    def _finish(self, window: Window, shares: Sequence[Any], *, whole: bool) -> None:
        """The mapped tasks, of which one may fail, and the teardown behind them. Raises what the first raised."""
        reports, failed = [], []
        for share in shares:
            try:
                reports.append(self._share(share))
            except SourceError as error:
                failed.append(error)
        finish_collection(self.source, window, planned_shares(shares), reports, self.lake, now=self.now, whole=whole)
        for error in failed:
            raise error

    def _share(self, share: Any) -> dict[str, Any]:
        return collect_share(share, self._open, self.lake, now=self.now, wait=lambda seconds: None)

    def _open(self, target: Target) -> Reader:
        return _Reader(self, target)


@dataclass
class _Reader:
    process: Process
    target: Target

    def plan(self, chosen: Sequence[MetricEntry], window: Window, now: datetime,
             settle: timedelta | None = None) -> list[Request]:
        if self.target.source == "cloudwatch":
            planned = cloudwatch.plan(self.process.client, chosen, self.target, AWS_ACCOUNT, AWS_REGION, window, now,
                                      settle=settle)
            if self.process.manner == "wild":
                self.process.answered(window, {kind for one in chosen for kind in kinds_of(one)} - self.process.listed)
            return planned
        return datadog.plan(chosen, self.target, "datadoghq.eu", window, now, settle=settle)

    def fetch(self, request: Request) -> Fetched:
        self.process.life.call()
        if self.target.source == "cloudwatch":
            fetched = cloudwatch.fetch(self.process.client, request, wait=lambda seconds: None)
        else:
            fetched = datadog.fetch(self.process.client, request)
        self.process.life.call()
        self.process.answered(request.window, [kind for kind in KINDS if any(_asks(query, kind)
                                                                             for query in request.queries)])
        return fetched


def _asks(query: Query, kind: Kind) -> bool:
    """A group's service is told by the answer alone."""
    told = dict(query.series.dimensions).get("service", kind.service)
    return (query.series.metric, told) == (kind.metric, kind.service)
