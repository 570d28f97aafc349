"""`watchbill rules test`: unit tests of rules, as promtool has them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchbill.cli.options import Json, told_errors
from watchbill.cli.printing import print_json, shown
from watchbill.declare.load import load_rule_file
from watchbill.model.failures import WatchbillError
from watchbill.model.rules import RuleGroup
from watchbill.model.windows import format_duration

if TYPE_CHECKING:
    from watchbill.flows.try_rules import Alert, Outcome


def try_rules(
    files: Annotated[list[Path], typer.Argument(help="Files of tests, in the shape of promtool's.", metavar="FILE...",
                                                show_default=False)],
    as_json: Json = False,
) -> None:
    """Run unit tests of rules: input series, times of evaluation, and the alerts that must fire then.

    Ends with 1 where an alert is missing, is too many, or says something else; each is told line by line.
    """
    told = []
    with told_errors():
        for file in files:
            told += _try_file(file)
    if as_json:
        print_json(told)
    else:
        for one in told:
            _tell(one)
    if not all(one["passed"] for one in told):
        raise typer.Exit(1)


def _try_file(file: Path) -> list[dict[str, Any]]:
    from watchbill.declare.rule_tests import load_rule_tests
    from watchbill.flows.try_rules import try_rules as run

    if not file.is_file():
        raise WatchbillError(f"there is no file {file}")
    tests = load_rule_tests(file)
    groups: list[RuleGroup] = []
    for name in tests.rule_files:
        if not (file.parent / name).is_file():
            raise WatchbillError(f"{file}: there is no rule file {file.parent / name}")
        groups += load_rule_file(file.parent / name)
    return [_said(file, test.name or f"tests[{number}]", outcome) for number, test in enumerate(tests.tests)
            for outcome in run(test, groups, tests.evaluation_interval)]


def _said(file: Path, test: str, outcome: "Outcome") -> dict[str, Any]:
    return {"file": str(file), "test": test, "alertname": outcome.expectation.alertname,
            "eval_time": format_duration(outcome.expectation.eval_time), "passed": outcome.passed,
            "missing": [_alert(one) for one in outcome.expected if one not in outcome.got],
            "unexpected": [_alert(one) for one in outcome.got if one not in outcome.expected]}


def _alert(alert: "Alert") -> dict[str, dict[str, str]]:
    labels, annotations = alert
    return {"exp_labels": labels, "exp_annotations": annotations}


def _tell(one: dict[str, Any]) -> None:
    result = "ok    " if one["passed"] else "FAILED"
    typer.echo(f"{result} {one['file']}: {shown(one['test'])}: {shown(one['alertname'])} at {one['eval_time']}")
    for sign, kind in (("-", "missing"), ("+", "unexpected")):
        for alert in one[kind]:
            for part, words in alert.items():
                for name, text in sorted(words.items()):
                    typer.echo(f"  {sign} {part}.{shown(name)}: {shown(text)}")
