"""Where a command about dashboards works: declarations in; clouds by place and what the ledger remembers out."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from watchbill.cli.airflow_output import airflow_on_stderr
from watchbill.cli.ledger_place import open_ledger
from watchbill.declare.load import load_dashboards, load_settings
from watchbill.model.dashboards import Dashboard
from watchbill.model.places import Place, every_place
from watchbill.model.settings import Settings

if TYPE_CHECKING:
    from watchbill.dashboards.live.cloud import Cloud
    from watchbill.flows.dashboard_memory import Memory

Only = Annotated[list[str] | None, typer.Option(
    "--only", metavar="ID", help="This dashboard alone; may be repeated. Nothing is deleted then.")]
NoLedger = Annotated[bool, typer.Option(
    "--no-ledger", help="Ask the clouds alone: each dashboard is read, and an edit by hand looks like any change.")]


@dataclass(frozen=True)
class Desk:
    dashboards: tuple[Dashboard, ...]
    settings: Settings
    memory: "Memory"

    def places(self, only: Iterable[str] = ()) -> list[Place]:
        """All that are declared or were kept before; with `only`, those of these dashboards."""
        wanted = set(only)
        named = every_place([each for each in self.dashboards if not wanted or each.id in wanted],
                            self.settings.dashboards)
        return list(dict.fromkeys([*named, *([] if wanted else self.memory.places())]))


def open_desk(include: Path, author: str = "", *, no_ledger: bool = False) -> Desk:
    """Raises DeclarationError, WatchbillError. `author` holds a place while it writes there."""
    settings, dashboards = load_settings(include, os.environ), load_dashboards(include, os.environ)
    ledger = None if no_ledger else open_ledger(include)
    from watchbill.flows.dashboard_memory import Memory

    holder = f"{author or 'somebody'} on the command line {uuid4().hex[:8]}"
    return Desk(dashboards, settings, Memory(ledger, holder=holder, clock=lambda: datetime.now(UTC),
                                             versions=settings.dashboards.versions))


def open_clouds(places: Iterable[Place], settings: Settings) -> "dict[Place, Cloud]":
    """Through Airflow's connections. Raises WatchbillError for one that is nowhere."""
    with airflow_on_stderr():
        from watchbill.on_airflow.connections import open_cloud, outside_of_tasks

        with outside_of_tasks():
            return {place: open_cloud(place, settings) for place in places}
