"""One tick of evaluation: ten rules, a thousand series each, from the lake into a SQLite ledger.

The baseline is a tick in which nothing changed. The ledger is new; turn 0 is the tick before, in which nothing
fires on any side.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

from benchmarks.benchmark import Benchmark, Given, Size, Work
from watchbill.model.series import Series
from watchbill.model.windows import Window

_START = datetime(2026, 3, 2, tzinfo=UTC)
_TICK = timedelta(minutes=5)
_POINTS = 5  # a series and tick


@contextmanager
def stage(folder: Path, size: Size) -> Iterator[Given]:
    """A lake of two ticks: all values are 0 in the first, and the n-th host's are n in the second."""
    import pyarrow as pa

    from benchmarks.parquet import SCHEMA
    from watchbill.flows.coverage import mark_collected
    from watchbill.lake.lake import Lake

    lake = Lake.open("lake", home=folder)
    for tick in range(2):
        window = Window(_START + tick * _TICK, _START + (tick + 1) * _TICK)
        rows = [(series.key, window.start + timedelta(minutes=minute), float(tick * (host + 1)))
                for rule in range(size["rules"]) for host, series in enumerate(_series(size, rule))
                for minute in range(_POINTS)]
        columns = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), SCHEMA.types, strict=True)]
        every = [series for rule in range(size["rules"]) for series in _series(size, rule)]
        lake.write("cloudwatch", window, 0, pa.table(columns, schema=SCHEMA), every, collected_at=window.end)
        mark_collected("cloudwatch", window, lake, now=window.end)
    yield {"folder": str(folder), **size}


def _series(size: Size, rule: int) -> list[Series]:
    return [Series("cloudwatch", "123456789012", "eu-west-1", "CWAgent", f"metric_{rule}", "Average", 60,
                   (("host", f"web-{host:04}"),)) for host in range(size["hosts"])]


def _rule(number: int, threshold: int) -> dict[str, Any]:
    return {
        "alert": f"Rule{number}",
        "condition": {"source": "cloudwatch", "namespace": "CWAgent", "metric": f"metric_{number}",
                      "dimensions": {"host": "*"}, "window": "5m", "aggregate": "max", "comparison": ">",
                      "threshold": threshold},
        "labels": {"severity": "warning"},
        "annotations": {"summary": "{{ labels.host }} is at {{ value | humanize }}"},
    }


def _firing(part: float) -> Callable[[Given, Path], Work]:
    """A side on which this part of the hosts begins to fire, for each rule."""
    def evaluate(given: Given, folder: Path) -> Work:
        from watchbill.alerts.ledger import Ledger
        from watchbill.flows.evaluate_rules import evaluate_rules
        from watchbill.flows.rule_states import Evaluated
        from watchbill.lake.lake import Lake
        from watchbill.model.rules import RuleGroup
        from watchbill.model.settings import Settings

        ledger = Ledger.open(f"sqlite:///{folder}/ledger.db")
        ledger.migrate()
        firing = ceil(part * given["hosts"])
        rules = [_rule(number, given["hosts"] - firing) for number in range(given["rules"])]
        groups = [RuleGroup.model_validate({"name": "hosts", "rules": rules})]
        settings = Settings.model_validate({"sources": {"cloudwatch": {"delay": "0s"}}})
        found: list[Evaluated] = []

        def turn(number: int) -> int:
            at = _START + (number + 1) * _TICK
            lake = Lake.open("lake", home=Path(given["folder"]))  # new, as it is to each run
            found.append(evaluate_rules(groups, settings, lake, ledger, at=at, now=at))
            return int(given["rules"] * given["hosts"] * _POINTS)

        def outcome() -> str:
            ledger.close()
            fired = [one.states["firing"] for one in found]
            if fired != [0, firing * given["rules"]]:
                raise ValueError(f"{fired} alerts fired")
            return f"{[one.rules for one in found]} rules judged"

        return Work(turn, 1, outcome)
    return evaluate


BENCHMARK = Benchmark(
    "rules", "Rules: 10 rules × 1,000 series, SQLite ledger", "a tick", baseline="nothing changes",
    sides={"nothing changes": _firing(0), "1 in 10 begin to fire": _firing(1 / 10)}, stage=stage,
    full={"rules": 10, "hosts": 1000}, tiny={"rules": 2, "hosts": 3})
