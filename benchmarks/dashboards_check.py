"""`watchbill check` of many dashboards: files in, no finding out; beside what an editor does, by YAML and JSON schema.

The whole command is measured, with its imports and with everything else that it checks.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from io import StringIO
from pathlib import Path

from benchmarks.benchmark import Benchmark, Given, Size, Work

_SERVICES = ("checkout", "search", "catalog")
_METRIC = """\
  - type: metric
    title: Errors of {service} {number}
    x: {x}
    y: {y}
    width: 12
    height: 6
    view: {view}
    period: 1m
    metrics:
      - namespace: shop
        metric: errors
        dimensions:
          service: {service}
        statistic: Sum
        label: errors
"""
_SECOND = """\
      - namespace: AWS/EC2
        metric: CPUUtilization
        dimensions:
          InstanceId: i-{number:08}
        label: CPU
    thresholds:
      - value: 50
        label: page
        severity: critical
"""
_TEXT = """\
  - type: text
    title: Part {number}
    x: {x}
    y: {y}
    width: 12
    height: 6
    markdown: "See the *runbook* of {service}."
"""
_LOG = """\
  - type: log
    title: Failures of {service}
    x: {x}
    y: {y}
    width: 12
    height: 6
    cloudwatch:
      log_groups: [/shop/{service}]
      query: filter level = 'ERROR' | sort @timestamp desc
    datadog:
      query: service:{service} status:error
"""
_KINDS = (_METRIC, _METRIC + _SECOND, _METRIC, _TEXT, _METRIC + _SECOND, _LOG, _METRIC, _METRIC + _SECOND, _TEXT, _LOG)
_ENTRIES = """\
metrics:
  - {name: shop, sources: cloudwatch, namespace: shop, metrics: [errors], statistics: Sum, period: 1m,
     dimensions: {service: "*"}}
  - {name: ec2, sources: cloudwatch, namespace: AWS/EC2, metrics: [CPUUtilization], statistics: Average, period: 1m,
     dimensions: {InstanceId: "*"}}
"""


@contextmanager
def _stage(folder: Path, size: Size) -> Iterator[Given]:
    include = folder / "include"
    for name, text in (("metrics/all.yaml", _ENTRIES), ("watchbill.yaml", "tick: 5m\n")):
        _write(include / name, text)
    for number in range(size["dashboards"]):
        _write(include / "dashboards" / f"{number:03}.yaml", _dashboard(number, size["widgets"]))
    yield {"include": str(include), **size}


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _dashboard(number: int, widgets: int) -> str:
    made = (_KINDS[at % len(_KINDS)].format(
        service=_SERVICES[(number + at) % 3], number=number * widgets + at, x=at % 2 * 12, y=at // 2 * 6,
        view=("line", "area", "number")[at % 3] if "AWS/EC2" not in _KINDS[at % len(_KINDS)] else "line",
    ) for at in range(widgets))
    return f"id: dashboard-{number}\ntitle: Dashboard {number}\ndescription: One of many.\nwidgets:\n{''.join(made)}"


def _ours(given: Given, _: Path) -> Work:
    said = StringIO()

    def turn(_: int) -> int:
        from watchbill.cli import main

        with redirect_stdout(said), suppress(SystemExit):
            main(["check", "--json", "--include", given["include"]])
        return int(given["dashboards"] * given["widgets"])

    def outcome() -> str:
        told = json.loads(said.getvalue())
        if not told["ok"] or told["findings"]:
            raise ValueError(f"findings in what is sound: {told['findings'][:3]}")
        return f"{given['dashboards']} dashboards, no finding"

    return Work(turn, 1, outcome, warm_up=False)


def _json_schema(given: Given, _: Path) -> Work:
    """What an editor checks: the form of what is written, and neither clouds nor metrics nor places."""
    found: list[str] = []
    files: list[Path] = []

    def turn(_: int) -> int:
        import yaml
        from jsonschema import Draft202012Validator

        from watchbill.model.dashboards import Dashboard

        validator = Draft202012Validator(Dashboard.model_json_schema())
        for file in sorted((Path(given["include"]) / "dashboards").glob("*.yaml")):
            data = yaml.load(file.read_text(), yaml.CSafeLoader)
            found.extend(error.message for error in validator.iter_errors(data))
            files.append(file)
        return int(given["dashboards"] * given["widgets"])

    def outcome() -> str:
        if found:
            raise ValueError(f"findings in what is sound: {found[:3]}")
        return f"{len(files)} dashboards, no finding"

    return Work(turn, 1, outcome, warm_up=False)


BENCHMARK = Benchmark(
    name="dashboards-check", title="`watchbill check` of 500 files of 20 widgets each; a point is a widget",
    turn="the whole command", baseline="PyYAML in C, jsonschema",
    sides={"watchbill": _ours, "PyYAML in C, jsonschema": _json_schema},
    stage=_stage, full={"dashboards": 500, "widgets": 20}, tiny={"dashboards": 3, "widgets": 20},
)
