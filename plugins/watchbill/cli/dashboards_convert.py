"""`watchbill dashboards convert`: one cloud's dashboard for the other, with a report of each widget."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml

from watchbill.cli.options import Json, told_errors
from watchbill.cli.printing import counted, print_json, print_table, shown
from watchbill.dashboards.convert.conversion import JUDGED, VERDICTS, Report, Totals, totals
from watchbill.dashboards.written import document, written
from watchbill.model.clouds import NAMES, Cloud
from watchbill.model.failures import WatchbillError

if TYPE_CHECKING:
    from watchbill.flows.convert_dashboard import Conversion

_SUFFIXES = (".json", ".yaml", ".yml")


def convert_dashboards(
    files: Annotated[list[Path], typer.Argument(
        help="JSON of CloudWatch or Datadog, or declarations in YAML; a folder is every such file in it, - is stdin.")],
    to: Annotated[Cloud, typer.Option("--to", help="The other cloud: cloudwatch or datadog.")],
    output: Annotated[Path | None, typer.Option(
        "--output", "-o", help="A folder to write every result into, instead of printing the only one.",
        show_default=False)] = None,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="The declaration for that cloud, not the body.")] = False,
    log_group: Annotated[list[str] | None, typer.Option(
        "--log-group", help="A log group of CloudWatch that log widgets are to search; may be said again. All of them "
                            "where it is left out.", show_default=False)] = None,
    region: Annotated[str, typer.Option("--region", help="CloudWatch's region.")] = "eu-west-1",
    as_json: Json = False,
) -> None:
    """Convert dashboards of one cloud for the other.

    Prints the converted body and reports on standard error which widgets are whole, lossy (and what is lost),
    impossible (and why) or of a kind that only their own cloud has. What is impossible is left out, never guessed.
    """
    from watchbill.flows.convert_dashboard import convert_dashboard  # with the readers of both clouds

    with told_errors():
        found = [convert_dashboard(_document(file), to, _name(file), log_groups=log_group or (), region=region)
                 for file in _every(files)]
        if output is not None:
            _write(output, found, as_yaml)
        if as_json:
            print_json({"reports": [one.report.to_json() for one in found],
                        "totals": totals(one.report for one in found).to_json(),
                        "results": [_result(one, as_yaml) for one in found]})
            return
        if output is None and len(found) == 1:
            typer.echo(_text(found[0], as_yaml), nl=False)
    for one in found:
        for line in _lines(one.report):
            typer.echo(line, err=True)
    if len(found) > 1:
        _print_totals(totals(one.report for one in found))


def _every(files: list[Path]) -> Iterator[Path]:
    for file in files:
        if not file.is_dir():
            yield file
            continue
        inside = sorted(one for one in file.iterdir() if one.suffix in _SUFFIXES)
        if not inside:
            raise WatchbillError(f"{file} has no {', '.join(_SUFFIXES)} in it")
        yield from inside


def _document(file: Path) -> Any:
    """CloudWatch's calls and templates have a body as a text in them."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text()
        document = yaml.safe_load(text) if file.suffix in (".yaml", ".yml") else json.loads(text)
        inside = document.get("DashboardBody") if isinstance(document, dict) else None
        return json.loads(inside) if isinstance(inside, str) else document
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise WatchbillError(f"{file} cannot be read: {error}") from None


def _name(file: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", file.stem).strip("-")[:200] or "converted"


def _text(found: "Conversion", as_yaml: bool) -> str:
    return written(found.dashboard) if as_yaml else json.dumps(found.body, ensure_ascii=False, indent=2) + "\n"


def _result(found: "Conversion", as_yaml: bool) -> Any:
    return document(found.dashboard) if as_yaml else found.body


def _write(folder: Path, found: "list[Conversion]", as_yaml: bool) -> None:
    suffix = "yaml" if as_yaml else "json"
    names = [f"{one.report.name}.{suffix}" for one in found]
    for name in names:
        if names.count(name) > 1:
            raise WatchbillError(f"two files would become {name}")
    folder.mkdir(parents=True, exist_ok=True)
    for name, one in zip(names, found, strict=True):
        (folder / name).write_text(_text(one, as_yaml))


def _lines(report: Report) -> Iterator[str]:
    found = totals([report])
    yield f"{shown(report.name)}: {counted(found.judged, 'widget')} for {NAMES[report.target]}: {_counts(found)}"
    yield from (f"  {shown(one)}" for one in report.lost)
    for widget in report.widgets:
        if widget.verdict != "whole":
            yield f"  {widget.verdict:<10} {shown(f'{widget.path} {widget.kind} {widget.title}'.strip())}"
            yield from (f"             {shown(one)}" for one in widget.lost)


def _counts(found: Totals) -> str:
    others = found.others.total()
    beside = f"; {others} beside that neither metrics, logs nor texts" if others else ""
    return ", ".join(f"{found.verdicts[one]} {one}" for one in VERDICTS) + beside


def _print_totals(found: Totals) -> None:
    print_table(("kind", *VERDICTS), [{"kind": kind, **{one: counts[one] for one in VERDICTS}}
                                      for kind, counts in sorted(found.kinds.items())])
    typer.echo(f"\n{counted(found.judged, 'widget')} of {', '.join(JUDGED)}: {_counts(found)}")
    typer.echo(f"whole {found.share('whole'):.0%}, whole or lossy {found.share('whole', 'lossy'):.0%}")
