"""One tick of evaluation: a hundred rules that differ in their thresholds, each over ten thousand series, from the lake
into a PostgreSQL ledger; beside Prometheus, which judges the same rules over the same values.

One series in twenty is in alert, for every rule. The sides differ in what becomes of these alerts in the tick that is
measured. The ledger is new; what led up to that tick is done before, and not measured.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.benchmark import Benchmark, Given, Side, Size, Work, cpu_s_of

START = datetime(2026, 3, 2, tzinfo=UTC)
TICK = timedelta(minutes=5)
WINDOW_TICKS = 3
HOT = range(4, 10)
"""The ticks whose points are too high, of one series in twenty."""
_TICKS = 14
_HOT_ONE_IN = 20
_TIMES = (1, 10, 100)


def value(series: int, tick: int) -> float:
    return 1000.0 + series if tick in HOT and series % _HOT_ONE_IN == 0 else 1.0


def in_alert(size: Size) -> int:
    return size["rules"] * -(-size["series"] // _HOT_ONE_IN)


@contextmanager
def _stage(folder: Path, size: Size) -> Iterator[Given]:
    from benchmarks.postgres import postgres

    _write_lake(folder, size)
    if PROMETHEUS:
        from benchmarks.prometheus import write_blocks

        write_blocks(folder, size, value)
    with postgres() as url:
        yield {"folder": str(folder), "url": url, **size}


@contextmanager
def _stage_growing(folder: Path, size: Size) -> Iterator[Given]:
    """A lake for each number of series."""
    from benchmarks.postgres import postgres

    for times in _TIMES:
        (folder / str(times)).mkdir()
        _write_lake(folder / str(times), {**size, "series": times * size["series"]})
    with postgres() as url:
        yield {"folder": str(folder), "url": url, **size}


def _write_lake(folder: Path, size: Size) -> None:
    import pyarrow as pa

    from benchmarks.parquet import SCHEMA
    from watchbill.flows.coverage import mark_collected
    from watchbill.lake.lake import Lake
    from watchbill.model.series import Series
    from watchbill.model.windows import Window

    lake = Lake.open("lake", home=folder)
    series = [Series("cloudwatch", "123456789012", "eu-west-1", "CWAgent", "cpu", "Average", 300,
                     (("host", f"web-{number:06}"),)) for number in range(size["series"])]
    keys = pa.array([one.key for one in series], pa.int64())
    for tick in range(_TICKS):
        window = Window(START + tick * TICK, START + (tick + 1) * TICK)
        values = pa.array([value(number, tick) for number in range(len(series))])
        moments = pa.array([window.start] * len(series), SCHEMA.field("timestamp").type)
        lake.write("cloudwatch", window, 0, pa.table([keys, moments, values], schema=SCHEMA), series,
                   collected_at=window.end)
        mark_collected("cloudwatch", window, lake, now=window.end)


def _rule(number: int) -> dict[str, Any]:
    return {
        "alert": f"Rule{number}",
        "condition": {"source": "cloudwatch", "namespace": "CWAgent", "metric": "cpu", "dimensions": {"host": "*"},
                      "window": "15m", "aggregate": "avg", "comparison": ">", "threshold": 10 + number},
        "labels": {"severity": "warning"},
        "annotations": {"summary": "{{ labels.host }} is at {{ value | humanize }}"},
    }


def _ours(ticks: range, *, firing: tuple[int, int], changed: int) -> Side:
    """Judges these ticks, of which the last one is measured. `firing`: of all alerts, before and after it, 0 or 1;
    `changed`: whether they become others.
    """
    def side(given: Given, folder: Path) -> Work:  # noqa: ARG001
        from benchmarks.postgres import backend, new_database
        from watchbill.alerts.ledger import Ledger
        from watchbill.flows.evaluate_rules import evaluate_rules
        from watchbill.flows.rule_states import Evaluated
        from watchbill.lake.lake import Lake
        from watchbill.model.rules import RuleGroup
        from watchbill.model.settings import Settings

        ledger = Ledger.open(new_database(given["url"]))
        ledger.migrate()
        groups = [RuleGroup.model_validate({"name": "hosts", "rules": [_rule(n) for n in range(given["rules"])]})]
        settings = Settings.model_validate({"sources": {"cloudwatch": {"delay": "0s"}}})
        found: list[Evaluated] = []
        server_s: list[float] = []

        def evaluate(tick: int) -> None:
            at = START + tick * TICK
            lake = Lake.open("lake", home=Path(given["folder"]))  # new, as it is to each run
            found.append(evaluate_rules(groups, settings, lake, ledger, at=at, now=at))
            server_s.append(cpu_s_of(backend(ledger)))

        def turn(number: int) -> int:
            for tick in ticks[:-1] if number == 0 else ticks[-1:]:
                evaluate(tick)
            return int(given["rules"] * given["series"])

        def outcome() -> str:
            ledger.close()
            alerts = in_alert({"rules": given["rules"], "series": given["series"]})
            told = [one.states["firing"] for one in found[-2:]], found[-1].changed
            if told != ([alerts * one for one in firing], alerts * changed):
                raise ValueError(f"{told} with {alerts} alerts")
            return "every alert as expected"

        def facts() -> dict[str, str]:
            return {"alerts": f"{in_alert({'rules': given['rules'], 'series': given['series']}):,}",
                    "server CPU ms": f"{1000 * (server_s[-1] - server_s[-2]):,.0f}"}

        return Work(turn, 1, outcome, facts=facts)
    return side


def _begin(times: int) -> Side:
    """So many times the stage's series."""
    begin = _ours(range(4, 6), firing=(0, 1), changed=1)
    return lambda given, folder: begin(
        {**given, "folder": f"{given['folder']}/{times}", "series": times * given["series"]}, folder)


def _prometheus(given: Given, folder: Path) -> Work:
    from benchmarks.prometheus import work

    size = {"rules": given["rules"], "series": given["series"]}
    return work(Path(given["folder"]), folder, size, in_alert(size))


PROMETHEUS = shutil.which("prometheus") is not None and shutil.which("promtool") is not None
_OURS: dict[str, Side] = {
    "nothing changes": _ours(range(4, 9), firing=(1, 1), changed=0),
    "other values": _ours(range(4, 7), firing=(1, 1), changed=0),
    "all begin to fire": _ours(range(4, 6), firing=(0, 1), changed=1),
    "all resolve": _ours(range(9, 14), firing=(1, 0), changed=1),
}

BENCHMARK = Benchmark(
    "rules", "Rules: 100 rules × 10,000 series, PostgreSQL ledger"
    + ("" if PROMETHEUS else " (Prometheus is not installed here, and so not beside it)"),
    "a tick; its points are pairs of a rule and a series", stage=_stage,
    baseline="Prometheus" if PROMETHEUS else "nothing changes",
    sides=({"Prometheus": _prometheus} if PROMETHEUS else {}) | _OURS,
    full={"rules": 100, "series": 10_000}, tiny={"rules": 2, "series": 40})


GROWTH = Benchmark(
    "rules-growth", "Rules: ever more alerts that begin at once, 100 rules, PostgreSQL ledger",
    "a tick; its points are pairs of a rule and a series", stage=_stage_growing, baseline="1,000 alerts", grows=True,
    sides={"1,000 alerts": _begin(1), "10,000 alerts": _begin(10), "100,000 alerts": _begin(100)},
    full={"rules": 100, "series": 200}, tiny={"rules": 2, "series": 20})
