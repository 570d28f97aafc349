"""One schedule against one source and one lake: what each step does, and what must hold after each and at the end."""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.faults import Fault
from tests.contract.schedules.cloud import KINDS, MINUTE, RANGE, START, Cloud, Kind, Manner, Point, kinds_of
from tests.contract.schedules.kept import kept, names
from tests.contract.schedules.mortal import Killed, Life
from tests.contract.schedules.place import Place
from tests.contract.schedules.runs import Process
from tests.contract.schedules.steps import TICK_MINUTES, Change, Damage, Pass, Run, Runs, Step
from watchbill.flows.coverage import PART, WHOLE
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError, SourceError
from watchbill.model.windows import Window


@dataclass
class World:
    cloud: Cloud
    place: Place
    manner: Manner
    clients: Sequence[Any]  # one for each process at a time
    asked: set[Point] = field(default_factory=set)  # that the source answered for at least once
    always: set[Point] = field(default_factory=set)  # of these, what it had each time
    is_damaged: bool = False
    named: dict[int, Kind] = field(default_factory=dict)  # that had a name once

    @property
    def lake(self) -> Lake:
        return Lake(self.place.open(), self.place.root)

    def follow(self, steps: Sequence[Step]) -> None:
        for step in steps:
            match step:
                case Pass(minutes):
                    self.cloud.wait(minutes * MINUTE)
                case Change(kind, start, length, values):
                    first = start % self.cloud.passed
                    self.cloud.change(kind, range(first, min(first + length, self.cloud.passed)), list(values))
                case Damage(which, how, where):
                    self.damage(which, how, where)
                case Runs(runs, troubles):
                    self.run(runs, troubles)

    def damage(self, which: int, how: str, where: str) -> None:
        """A file is cut in half, has one bit changed, or all of it is gone but the name."""
        if files := list(self.place.files(where).items()):
            path, content = files[which % len(files)]
            half = len(content) // 2
            changed = content[:half] + bytes([content[half] ^ 1]) + content[half + 1:] if content else b""
            self.place.put(path, {"half": content[:half], "empty": b"", "bit": changed}[how])
            self.is_damaged = True

    def run(self, runs: Sequence[Run], troubles: Sequence[Fault] = ()) -> None:
        """All of them at once; then everything that must hold at any time."""
        self.cloud.wait(timedelta(seconds=1))  # no two steps have one time, as no two answers of a source do
        for fault in troubles:
            self.cloud.sandbox.faults.add(fault)
        before = self.kept()
        with ThreadPoolExecutor(len(runs)) as threads:
            read = list(threads.map(self._survive, runs, self.clients))
        self.cloud.sandbox.faults.clear()
        after = self.kept()
        assert before.keys() <= after.keys(), "points were lost"
        if all(run.verb in ("tend", "quarantine") for run in runs):
            assert before == after, "upkeep changed a point"
        self.check_said(after)
        if not self.is_damaged:
            for window, kinds in filter(None, read):
                self.check_read(window, kinds, after)
            if [run.verb for run in runs] == ["tick"] and read[0]:
                self.check_made_up(read[0][0].end, after)
        self.is_damaged = self.is_damaged and any(len(self.place.sound(folder)) < len(self.place.files(folder))
                                                  for folder in ("points", "series"))
        if not self.is_damaged:
            self.check_whole(after)

    def _survive(self, run: Run, client: Any) -> tuple[Window, Sequence[Kind]] | None:
        """What the run read, if it got to its end."""
        process = Process(self.cloud.source, client, self.manner, self.place, self.cloud.now, self._answered,
                          self.cloud.listed, Life(run.last_call))
        window = self._window(run)
        try:
            return _do(process, run, window)
        except (Killed, SourceError):
            return None
        except LakeError:
            if not self.is_damaged:
                raise
            return None

    def _window(self, run: Run) -> Window:
        """Of the ticks that are over."""
        ticks = self.cloud.passed // TICK_MINUTES
        first = run.start % ticks
        last = min(first + run.length, ticks)
        return Window(START + first * TICK_MINUTES * MINUTE, START + last * TICK_MINUTES * MINUTE)

    def _answered(self, window: Window, kinds: Collection[Kind]) -> None:
        there = self.cloud.points()
        for point in _within(window, kinds):
            if point in there and point not in self.asked:
                self.always.add(point)
            elif point not in there:
                self.always.discard(point)
            self.asked.add(point)

    def kept(self) -> dict[Point, tuple[float, bool]]:
        """Value, and whether it is there, of what the files hold."""
        self.named |= {key: kind_of(*name) for key, name in names(self.place).items()}
        return {(self.named[key], minute_of(at)): (one.value, one.there)
                for (key, at), one in kept(self.place).items()}

    def check_said(self, lake: dict[Point, tuple[float, bool]]) -> None:
        for point, (value, _) in lake.items():
            assert value in self.cloud.ever.get(point, ()), f"the source never said {value} for {point}"

    def check_read(self, window: Window, kinds: Sequence[Kind], lake: dict[Point, tuple[float, bool]]) -> None:
        """What was read to its end stands in the lake as the source said it."""
        there = self.cloud.points()
        for point in _within(window, kinds):
            if point in there:
                assert lake.get(point) == (there[point], True), f"{point} was read as {there[point]}"
            elif point in lake and (self.manner == "named" or point[0] in self.cloud.listed):
                assert not lake[point][1], f"{point} has vanished"

    def check_made_up(self, end: datetime, lake: dict[Point, tuple[float, bool]]) -> None:
        """A tick makes up for failed ones before it, and reads again what late points may have changed."""
        assert len(self.lake.coverage(self.cloud.source, Window(end - timedelta(hours=3), end), WHOLE)) == 1
        if self.cloud.source == "cloudwatch":
            kinds = [kind for kind in KINDS if kind.minutes == 1]
            self.check_read(Window(max(START, end - timedelta(minutes=200)), end), kinds, lake)

    def check_whole(self, lake: dict[Point, tuple[float, bool]]) -> None:
        """Where a window is called whole, all of it was asked for, and what the source always had is there."""
        assert not self.lake.coverage(self.cloud.source, RANGE, PART), "there is one target, and without it nothing"
        for window in self.lake.coverage(self.cloud.source, RANGE, WHOLE):
            for point in _ending_in(window, KINDS):
                assert point in self.asked, f"{point} is called whole, and was never asked for"
                assert point in lake or point not in self.always, f"{point} is called whole, and is not there"

    def heal(self, verb: str, ticks: int) -> None:
        """Damage is set aside, then every window is read once more without any trouble."""
        self.cloud.wait(timedelta(minutes=10))
        self.run([Run("quarantine")])
        for first in range(0, self.cloud.passed // TICK_MINUTES, ticks):
            self.run([Run(verb, first, ticks)])
        over = Window(START, START + self.cloud.passed // TICK_MINUTES * TICK_MINUTES * MINUTE)
        assert self.lake.collected(self.cloud.source, over, WHOLE)
        self.check_read(over, KINDS, self.kept())
        self.check_views()

    def check_views(self) -> None:
        """SQL and `read` say what the files hold, each point once."""
        rows = self.lake.sql("SELECT id, name, dimensions['service'] AS service, timestamp, value, vanished "
                             "FROM points").to_pylist()
        assert len({row["id"] for row in rows}) == len(rows)
        by_name = {(kind.metric, kind.service): kind for kind in KINDS}
        held = self.kept()
        assert held == {(by_name[row["name"], row["service"]], minute_of(row["timestamp"])):
                        (row["value"], not row["vanished"]) for row in rows}
        assert len(rows) == len(held)
        series = {one.key: kind_of(one.metric, dict(one.dimensions)["service"]) for one in self.lake.series()}
        read = [(series[row["series"]], minute_of(row["timestamp"]), row["value"])
                for row in self.lake.read(self.lake.series(), RANGE).to_pylist()]
        assert sorted(read) == sorted((*point, value) for point, (value, _) in held.items())


def _do(process: Process, run: Run, window: Window) -> tuple[Window, Sequence[Kind]] | None:
    match run.verb:
        case "tick":
            return process.tick(), KINDS
        case "hand":
            process.by_hand(window)
            return window, KINDS
        case "part":
            process.by_hand(window, whole=False)
            return window, kinds_of(process.entries[0])
        case "airflow":
            process.airflow_backfill(window, run.length * MINUTE)
        case "backfill":
            process.backfill(window, again=False)
        case "again":
            process.backfill(window, again=True)
            return window, KINDS
        case "tend":
            process.tend()
        case "quarantine":
            process.quarantine()
    return None


def _within(window: Window, kinds: Collection[Kind]) -> list[Point]:
    first, last = (minute_of(edge) for edge in (window.start, window.end))
    return [(kind, minute) for kind in kinds for minute in range(first, last) if minute % kind.minutes == 0]


def _ending_in(window: Window, kinds: Sequence[Kind]) -> list[Point]:
    """A period belongs to the window in which it ends, where windows are shorter than periods."""
    first, last = (minute_of(edge) for edge in (window.start, window.end))
    return [(kind, end - kind.minutes) for kind in kinds for end in range(first + 1, last + 1)
            if end % kind.minutes == 0]


def minute_of(moment: datetime) -> int:
    return (moment - START) // MINUTE


def kind_of(metric: str, service: str) -> Kind:
    return next(kind for kind in KINDS if (kind.metric, kind.service) == (metric, service))


