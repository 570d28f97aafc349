"""What a schedule is made of, as hypothesis draws it."""

from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

from sandbox.faults import Fault
from tests.contract.schedules.cloud import KINDS, MINUTES, Kind, Source

TICK_MINUTES = 5
TICKS = MINUTES // TICK_MINUTES
Verb = Literal["tick", "hand", "part", "airflow", "backfill", "again", "tend", "quarantine"]


@dataclass(frozen=True)
class Pass:
    """Time."""

    minutes: int


@dataclass(frozen=True)
class Change:
    """Other samples for so many minutes, or none; `start` counts round the minutes that have passed."""

    kind: Kind
    start: int
    length: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class Damage:
    which: int  # counts round the files
    how: Literal["half", "empty", "bit"]  # is left of it, or has changed in the middle
    folder: Literal["points", "series"] = "points"


@dataclass(frozen=True)
class Run:
    verb: Verb
    start: int = 0  # in ticks; counts round those that have passed
    length: int = TICKS  # in ticks
    last_call: int | None = None  # to the disk or a cloud: it dies there


@dataclass(frozen=True)
class Runs:
    """All at once."""

    runs: tuple[Run, ...]
    troubles: tuple[Fault, ...] = ()


Step = Pass | Change | Damage | Runs

_ASKING = {"cloudwatch": "GetMetricData", "datadog": "POST /api/v2/query/timeseries"}
_TROUBLES: list[dict[str, object]] = [
    {"status": 429}, {"status": 500}, {"cut": True}, {"partial": True}, {"delay_s": 0.02}, {"body": "{}"}]
_OF_CLOUDWATCH: list[dict[str, object]] = [
    {"partial": True, "body": "InternalError"}, {"partial": True, "body": "InternalError", "times": 3}]


def troubles(source: Source) -> st.SearchStrategy[tuple[Fault, ...]]:
    kinds = _TROUBLES + (_OF_CLOUDWATCH if source == "cloudwatch" else [])
    one = st.builds(lambda kind, skip: Fault(source, _ASKING[source], skip=skip, **kind),
                    st.sampled_from(kinds), st.integers(0, 2))
    return st.one_of(st.just(()), st.lists(one, min_size=1, max_size=2).map(tuple))


lives = st.one_of(st.none(), st.integers(0, 150))
windows = st.tuples(st.integers(0, TICKS - 1), st.integers(1, TICKS))


def _run(verb: Verb, window: tuple[int, int], last_call: int | None) -> Run:
    return Run(verb, *window, last_call)


verbs: st.SearchStrategy[Verb] = st.sampled_from(
    ["tick", "tick", "tick", "hand", "part", "airflow", "backfill", "again", "tend", "tend", "quarantine"])
runs = st.builds(_run, verbs, windows, lives)
passes = st.sampled_from([5, 5, 15, 60, 180, 540, 1440]).map(Pass)
changes = st.builds(Change, st.sampled_from(KINDS), st.integers(0, MINUTES - 1), st.sampled_from([1, 2, 15, 240]),
                    st.sampled_from([(), (), (0.5,), (1.0, 2.5), (99.0,)]))
damages = st.builds(Damage, st.integers(0, 200), st.sampled_from(["half", "empty", "bit"]),
                    st.sampled_from(["points", "points", "series"]))


def schedules(source: Source) -> st.SearchStrategy[list[Step]]:
    together = st.builds(Runs, st.lists(runs, min_size=1, max_size=3).map(tuple), troubles(source))
    alone = st.builds(Runs, runs.map(lambda run: (run,)), troubles(source))
    return st.lists(st.one_of(passes, changes, damages, together, alone, alone), min_size=3, max_size=14)
