"""A deployment in trouble: it begins to fail, everybody is to hear of it; it recovers, everybody is to hear of that."""

import multiprocessing
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from sandbox.server import Sandbox
from tests.faults.deployment import START, TARGETS, TICK, Deployment
from tests.faults.tally import Tally, Word, count, excuses, heard
from tests.faults.worker import FAILED, Job, run, work
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.outbox import UNSENT

KILLED = -9
SOON = timedelta(seconds=10)  # the retry_delay of our DAGs
MOST_TICKS = 40  # until everybody must have been told
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.faults.worker"])


@dataclass
class Clock:
    """The sandbox's."""

    now: datetime = START

    def __call__(self) -> float:
        return self.now.timestamp()


@dataclass
class Trial:
    """`sandbox` lives by `clock`. The ledger of `url` is empty."""

    sandbox: Sandbox
    clock: Clock
    folder: Path
    url: str
    services: Sequence[str]
    due: set[Word] = field(default_factory=set)
    failing: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.sandbox.reset()
        self.sandbox.slack.per_second = self.sandbox.slack.burst = 10_000
        self.clock.now = START
        self.deployment = Deployment(self.folder / "lake", self.url, self.sandbox.url, self.sandbox.aws_url)
        self.journal = self.folder / "journal"
        (self.folder / "lake").mkdir()
        with self.ledger() as ledger:
            ledger.migrate()

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        opened = Ledger.open(self.url)
        try:
            yield opened
        finally:
            opened.close()

    def fail(self) -> None:
        """From the next tick on."""
        self.failing = self.services
        self.due |= {(target, "firing", service) for target in TARGETS for service in self.services}

    def recover(self) -> None:
        self.failing = ()
        self.due |= {(target, "resolved", service) for target in TARGETS for service in self.services}

    def tick(self) -> None:
        """The next one ends, and its source brings it."""
        end = START + ((self.clock.now - START) // TICK + 1) * TICK
        self.deployment.collect(self.services, self.failing, end)
        self.clock.now = end

    def later(self) -> None:
        """As long as Airflow waits before it tries a task again."""
        self.clock.now += SOON

    def run(self, *, workers: int = 1, dies_at: int | None = None, points: Path | None = None,
            kill_after_s: Sequence[float] = ()) -> list[int | None]:
        """Workers at the same time, each a process, some of them killed; their exit codes."""
        jobs = [Job(self.deployment, self.clock.now, self.journal, f"worker-{number}", dies_at, points)
                for number in range(workers)]
        processes = [_PROCESSES.Process(target=work, args=(job,)) for job in jobs]
        for process in processes:
            process.start()
        started = time.monotonic()
        for process, after_s in zip(processes, sorted(kill_after_s), strict=False):
            process.join(max(0.0, after_s - (time.monotonic() - started)))
            process.kill()
        return [_ended(process) for process in processes]

    def drain(self, workers: int = 1) -> None:
        """Without trouble: each is tried again soon, as Airflow does; then tick by tick, until all are told."""
        self.later()
        for _ in range(MOST_TICKS):
            for number in range(workers):
                run(Job(self.deployment, self.clock.now, self.journal, f"worker-{number}"))
            if self._is_done():
                return
            self.tick()
        raise AssertionError(f"not everybody was told after {MOST_TICKS} ticks")

    def _is_done(self) -> bool:
        with self.ledger() as ledger:
            unsent = any(row["status"] in UNSENT for row in ledger.notifications(limit=1_000_000))
            firing = {one.alert.labels.get("service") for one in ledger.alerts(["firing"])} - {None}
        return not unsent and firing == set(self.failing)

    def tally(self, late_s: float = 0.5) -> dict[str, Tally]:
        """After so long: a vendor may still be taking what we gave up on."""
        time.sleep(late_s)
        with self.ledger() as ledger:
            mine = Counter({word: times for word, times in heard(self.sandbox).items() if word[2] in self.services})
            return count(self.due, mine, excuses(self.journal, ledger))


def _ended(process: BaseProcess) -> int | None:
    process.join(60)
    if process.is_alive():
        process.kill()
        raise TimeoutError("a worker did not end within a minute")
    assert process.exitcode in (0, KILLED, FAILED), f"a worker ended with {process.exitcode}"
    return process.exitcode


@contextmanager
def away(url: str) -> Iterator[None]:
    """The database is not there, and whoever spoke with it is cut off."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        file = Path(str(parsed.database))
        hidden = file.parent.rename(file.parent.with_name(file.parent.name + "-away"))
        file.mkdir(parents=True)  # no file: it cannot be opened, and none is made in its place
        try:
            yield
        finally:
            shutil.rmtree(file.parent)
            hidden.rename(file.parent)
        return
    server = parsed.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{parsed.database}" ALLOW_CONNECTIONS false')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                           (parsed.database,))
        try:
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{parsed.database}" ALLOW_CONNECTIONS true')

