"""`watchbill reports`: how a report will look, without sending it."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from watchbill.cli.lake_place import Url, open_lake
from watchbill.cli.options import HERE, Include, moment, told_errors
from watchbill.declare.load import load_alerting, load_dashboards, load_reports
from watchbill.model.alerts import Channel
from watchbill.model.failures import WatchbillError

app = typer.Typer(name="reports", help="Try the reports of include/reports.", no_args_is_help=True,
                  rich_markup_mode=None)


@app.callback()
def reports() -> None:
    """A group, though it has one command."""


@app.command()
def preview(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The report.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for the files.")] = Path("preview"),
    now: Annotated[datetime | None, typer.Option(
        "--now", parser=moment, metavar="TIME", help="Where its time ends; now where left out.",
        show_default=False)] = None,
    include: Include = HERE, lake: Url = "",
) -> None:
    """Write how a report will look in Slack, in a mail and in a topic.

    The picture, JSON for Slack's Block Kit Builder, HTML and text of the mail. Nothing is sent.
    """
    with told_errors():
        declared = {one.name: one for one in load_reports(include, os.environ)}
        if name not in declared:
            raise WatchbillError(f"there is no report {name}; there are {', '.join(sorted(declared)) or 'none'}")
        report = declared[name]
        known = {one.id: one for one in load_dashboards(include, os.environ)}
        if report.dashboard not in known:
            raise WatchbillError(f"report {name}: there is no dashboard {report.dashboard}")
        from watchbill.flows.send_report import channels_of, message_of

        channels = channels_of(report, load_alerting(include, os.environ))
        message = message_of(report, known[report.dashboard], open_lake(include, lake), at=now or datetime.now(UTC))
        output.mkdir(parents=True, exist_ok=True)
        _write(output / f"{name}.png", message.picture.png)
        for number, channel in enumerate(channels, 1):
            for ending, said in _files(message, channel, f"{name}.png").items():
                _write(output / f"{number}-{channel.kind}.{ending}", said.encode("utf-8", "replace"))


def _files(message: object, channel: Channel, picture: str) -> dict[str, str]:
    from watchbill.channels import report_email, report_slack, report_sns
    from watchbill.model.reports import ReportMessage

    assert isinstance(message, ReportMessage)  # noqa: S101 - imported late
    if channel.kind == "slack":
        return {"json": _json({"channel": channel.target, **report_slack.render(message, "F0000000000")})}
    if channel.kind == "sns":
        return {"json": _json(report_sns.arguments(message, channel))}
    return {"txt": report_email.text(message), "html": report_email.page(message, "x").replace("cid:x", picture)}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise WatchbillError(f"{file} cannot be written: {error.strerror}") from None
    typer.echo(str(file))
