"""`watchbill rules import`: alarms and monitors that are there already, as files of rules/ and metrics/."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from watchbill.cli.airflow_output import airflow_on_stderr
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import print_json, shown
from watchbill.model.failures import WatchbillError
from watchbill.model.series import CONNECTIONS, Source
from watchbill.rules.importing import cloudwatch, datadog
from watchbill.rules.importing.imported import Imported, entries, groups, written


def import_rules(
    source: Annotated[Source, typer.Argument(help="Whose alarms or monitors: cloudwatch or datadog.")],
    file: Annotated[Path | None, typer.Argument(
        help="What `aws cloudwatch describe-alarms` or Datadog's list of monitors printed, as JSON; - for stdin. "
             "Without it the cloud is asked.", show_default=False)] = None,
    connection: Annotated[str, typer.Option(
        "--connection", help="The Airflow connection; aws_default or datadog_default where it is left out.")] = "",
    region: Annotated[str, typer.Option("--region", help="The connection's own where it is left out.")] = "",
    write: Annotated[bool, typer.Option(
        "--write", help="Write rules/imported-SOURCE.yaml and metrics/imported-SOURCE.yaml, which must not be there "
                        "yet, instead of printing them.")] = False,
    include: Include = HERE, as_json: Json = False,
) -> None:
    """Read alarms of CloudWatch or monitors of Datadog into rules.

    Prints a file of rules/ and one of metrics/ with what those rules judge, and reports on standard error what of each
    is whole, lossy (and what is lost) or impossible (and why). Nothing is changed in the cloud.
    """
    with told_errors():
        answer = _read(file) if file else _asked(source, connection or CONNECTIONS[source], region)
        found = _imported(source, answer)
        rules, metrics = groups(found, source), entries(found)
        if as_json:
            print_json({"report": [one.to_json() for one in found], "rules": rules, "metrics": metrics})
            return
        if write:
            _write(include, source, rules, metrics)
        elif rules["groups"]:
            typer.echo(f"{written(rules, [f'rules/imported-{source}.yaml'])}---")
            typer.echo(written(metrics, [f"metrics/imported-{source}.yaml"]), nl=False)
    for line in _report(found):
        typer.echo(line, err=True)


def _read(file: Path) -> Any:
    try:
        return json.loads(sys.stdin.read() if str(file) == "-" else file.read_text())
    except (OSError, ValueError) as error:
        raise WatchbillError(f"{file} cannot be read: {error}") from None


def _imported(source: Source, answer: Any) -> list[Imported]:
    try:
        return cloudwatch.imported(answer) if source == "cloudwatch" else datadog.imported(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise WatchbillError(f"cannot be imported: {error}") from None


def _asked(source: Source, conn_id: str, region: str) -> Any:
    with airflow_on_stderr():
        from watchbill.on_airflow.connections import outside_of_tasks

        with outside_of_tasks():
            return _alarms(conn_id, region) if source == "cloudwatch" else _monitors(conn_id)


def _alarms(conn_id: str, region: str) -> dict[str, list[Any]]:
    from watchbill.on_airflow.hooks.aws import CloudWatchHook
    from watchbill.sources.cloudwatch.alarms import all_alarms

    hook = CloudWatchHook(conn_id, region_name=region or None)
    return all_alarms(hook.client(), conn_id, str(hook.conn_region_name))


def _monitors(conn_id: str) -> list[Any]:
    from watchbill.on_airflow.hooks.datadog import DatadogHook
    from watchbill.sources.datadog.monitors import all_monitors

    hook = DatadogHook(conn_id)
    return all_monitors(hook.client, hook.site, conn_id)


def _write(include: Path, source: Source, rules: dict[str, Any], metrics: dict[str, Any]) -> None:
    files = {include / f"{folder}/imported-{source}.yaml": document
             for folder, document in (("rules", rules), ("metrics", metrics))}
    there = [str(file) for file in files if file.exists()]
    if there:
        raise WatchbillError(f"{' and '.join(there)} is there already: nothing was written")
    for file, document in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(document))


def _report(found: Sequence[Imported]) -> list[str]:
    lines = []
    for one in found:
        lines.append(f"{one.verdict:<11}{shown(one.name)}")
        lines += [f"{'':<11}  {shown(why)}" for why in one.to_json()["why"]]
        lines += [f"{'':<11}  note: {shown(note)}" for note in one.notes]
    counts = {verdict: sum(one.verdict == verdict for one in found) for verdict in ("whole", "lossy", "impossible")}
    return [*lines, ", ".join(f"{count} {verdict}" for verdict, count in counts.items())]
