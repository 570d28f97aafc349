"""Every benchmark runs and yields its figures; how good they are is nobody's business here."""

import json
from io import StringIO

import pytest
from rich.console import Console

from benchmarks import dashboards_check, notifications, rules
from benchmarks.__main__ import main
from benchmarks.benchmark import measure
from benchmarks.catalogue import BENCHMARKS
from benchmarks.report import show
from benchmarks.run import Incomparable, Row, compare

NAMED = {"boto3", "1M points", "1,000 series", "datadog-api-client", "DuckDB, one file", "1,000 alerts",
         "with the ledger", rules.BENCHMARK.baseline, notifications.BENCHMARK.baseline,
         dashboards_check.BENCHMARK.baseline}


def figures(points: int = 200, cpu_s: float = 2.0, peak_bytes: int = 100, outcome: str = "the same"):
    return {"points": points, "turns": 2, "cpu_s": cpu_s, "peak_bytes": peak_bytes, "outcome": outcome}


@pytest.mark.parametrize("benchmark", BENCHMARKS.values(), ids=BENCHMARKS)
def test_every_side_does_its_turns_and_comes_to_the_same_result(benchmark, tmp_path):
    found = {}
    stage_folder = tmp_path / "stage"
    stage_folder.mkdir()
    with benchmark.stage(stage_folder, benchmark.tiny) as given:
        handed_over = json.loads(json.dumps(given))
        for number, (side, set_up) in enumerate(benchmark.sides.items()):
            folder = tmp_path / str(number)
            folder.mkdir()
            found[side] = measure(set_up(handed_over, folder))
    assert benchmark.baseline in found
    assert len({one.outcome for one in found.values()}) == 1
    assert len({one.points for one in found.values()}) == (len(found) if benchmark.grows else 1)
    assert all(one.points > 0 and one.cpu_s > 0 and one.peak_bytes > 0 for one in found.values())


def test_a_plan_with_nothing_to_do_asks_for_lists_alone_and_for_each_once_without_a_ledger(tmp_path):
    benchmark = BENCHMARKS["dashboards"]
    (tmp_path / "stage").mkdir()
    with benchmark.stage(tmp_path / "stage", benchmark.tiny) as given:
        for side, gets in (("with the ledger", "0"), ("the ledger lost", "6")):
            (tmp_path / side).mkdir()
            found = measure(benchmark.sides[side](given, tmp_path / side))
            assert found.facts == {"list calls": "2", "gets": gets, "other calls": "0"}


def test_every_baseline_is_named():
    assert {one.baseline for one in BENCHMARKS.values()} == NAMED


def test_each_side_runs_in_a_process_of_its_own_and_json_tells_the_figures(capsys):
    assert main(["--json", "--tiny", "--runs", "1", "--only", "datadog"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"rows", "python", "machine", "cpus", "packages"}
    assert [(row["benchmark"], row["side"], row["baseline"], row["points"], row["turns"], len(row["runs"]))
            for row in told["rows"]] == [("datadog", "datadog-api-client", "datadog-api-client", 24, 2, 1),
                                         ("datadog", "watchbill", "datadog-api-client", 24, 2, 1),
                                         ("datadog", "floor", "datadog-api-client", 24, 2, 1)]
    baseline, ours, _ = told["rows"]
    assert (baseline["cpu_ratio"], baseline["peak_ratio"]) == (1, 1)
    assert ours["cpu_ratio"] == ours["cpu_s"] / baseline["cpu_s"]
    assert ours["cpu_s_per_1m_points"] == pytest.approx(ours["cpu_s"] / 24 * 1e6)


def test_a_row_holds_medians_and_what_they_are_of_the_baseline():
    ours = [figures(cpu_s=0.5, peak_bytes=90), figures(cpu_s=9.0, peak_bytes=80), figures(cpu_s=0.25, peak_bytes=10)]
    benchmark = BENCHMARKS["cloudwatch"]
    assert compare(benchmark, {"boto3": [figures()] * 3, "watchbill": ours})[1] == Row(
        "cloudwatch", benchmark.title, benchmark.turn, "watchbill", "boto3", points=200, turns=2, cpu_s=0.5,
        cpu_s_per_1m_points=2500, cpu_ratio=0.25, peak_bytes=80, peak_ratio=0.8, runs=tuple(ours))


def test_what_else_is_told_of_a_side_stands_beside_its_figures():
    said = StringIO()
    rows = compare(BENCHMARKS["growth"], {side: [figures() | {"facts": {"calls": "42"}}]
                                          for side in BENCHMARKS["growth"].sides})
    show(rows, Console(file=said))
    assert [line.split()[-1] for line in said.getvalue().splitlines() if "series" in line][1:] == ["42"] * 3


def test_sides_that_came_to_different_results_are_not_compared():
    with pytest.raises(Incomparable, match="cloudwatch: the sides came to different results: another, the same"):
        compare(BENCHMARKS["cloudwatch"], {"boto3": [figures()], "watchbill": [figures(outcome="another")]})


def test_the_table_names_what_was_measured_and_the_baseline():
    said = StringIO()
    rows = compare(BENCHMARKS["cloudwatch"], {"boto3": [figures()], "watchbill": [figures(cpu_s=0.5)]})
    show(rows, Console(file=said))
    lines = [line.split() for line in said.getvalue().splitlines()]
    assert "CloudWatch GetMetricData → Parquet. A turn: a request of 500 metrics × 200 points" in said.getvalue()
    assert ["boto3", "(baseline)", "10000.00", "1", "1,000.0", "0", "1.00", "200"] in lines
    assert ["watchbill", "2500.00", "0.25", "250.0", "0", "1.00", "200"] in lines
