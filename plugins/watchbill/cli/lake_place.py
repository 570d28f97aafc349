"""Which lake a command is about, and which of its time: options in, an open lake out."""

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchbill.cli.airflow_output import airflow_on_stderr
from watchbill.cli.options import airflow_home, moment
from watchbill.declare.load import load_settings
from watchbill.model.failures import LakeError
from watchbill.model.series import Source

if TYPE_CHECKING:
    from watchbill.lake.lake import Lake

Url = Annotated[str, typer.Option(
    "--lake", help="A folder or s3://bucket/prefix, instead of the lake of watchbill.yaml.")]
OneSource = Annotated[Source | None, typer.Option("--source", help="Of one source only.")]
Start = Annotated[datetime | None, typer.Option(
    "--start", parser=moment, metavar="TIME", help="From this time on, such as 2026-01-31T12:00:00Z.")]
End = Annotated[datetime | None, typer.Option(
    "--end", parser=moment, metavar="TIME", help="Before this time.")]


def open_lake(include: Path, url: str) -> "Lake":
    """Raises LakeError, DeclarationError. Airflow is asked for its connection only where the lake is on S3."""
    from watchbill.lake.lake import Lake  # pyarrow takes 200 ms, which --help can spare

    if url:
        return Lake.open(url, home=_existing(Path.cwd(), url))
    settings = load_settings(include, os.environ)
    if settings.lake.url.startswith("s3://"):
        with airflow_on_stderr():
            from watchbill.on_airflow import connections

            with connections.outside_of_tasks():
                return connections.open_lake(settings)
    return Lake.open(settings.lake.url, home=_existing(airflow_home(), settings.lake.url))


def _existing(home: Path, url: str) -> Path:
    """The home, where the folder is there: a lake that is looked for in the wrong place would seem empty."""
    if "://" not in url and not (home / url).is_dir():
        raise LakeError(f"there is no lake in {home / url}: set AIRFLOW_HOME, or name it with --lake")
    return home
