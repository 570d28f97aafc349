"""DAGs run through Airflow itself, in this process: `dag.test()` with the small cloud behind the connections.

What `dag.test()` does otherwise than a scheduler is put right here, and nothing else: the type of the run, and the
callbacks of a DAG, which are run by the DAG processor's own code. A task that is to be tried again waits for nothing.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Sandbox
from sandbox.stack.airflow import connections
from tests.on_airflow.home import BUNDLES
from watchbill.alerts.ledger import Ledger
from watchbill.lake.lake import Lake

NOT_GIVEN: Any = object()


@dataclass
class Run:
    """What became of one DAG run."""

    dag_id: str
    run_id: str
    state: str
    tasks: dict[str, str]  # by task id, or task id and map index; of the last try
    errors: dict[str, BaseException] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)  # what each task returned
    asset_events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # (uri, extra)
    asset_event_ids: list[int] = field(default_factory=list)

    def error(self, task: str) -> str:
        """As the task's log shows it at its end."""
        return f"{type(self.errors[task]).__name__}: {self.errors[task]}"


class Airflow:
    """Airflow with an include folder, a lake and a ledger of its own."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path, include: Path, sandbox: Sandbox,
                 ledger: dict[str, Any] | None = None) -> None:
        self._patch = patch
        self.include = include
        self.lake = Lake.open("lake", home=folder)
        at = {"conn_type": "sqlite", "host": str(folder / "ledger.db")}
        here = connections("", sandbox.url, sandbox.aws_url)
        here |= {"AIRFLOW_CONN_WATCHBILL_LEDGER": json.dumps(ledger or at), "WATCHBILL_INCLUDE": str(include),
                 "WATCHBILL__LAKE__URL": str(folder / "lake")}
        for name, value in here.items():
            patch.setenv(name, value)
        prepare_database()
        self.dags = {dag_id: dag for name in BUNDLES for dag_id, dag in bag(name).dags.items()}

    @property
    def ledger(self) -> Ledger:
        """The ledger that the tasks find, by the same way."""
        from watchbill.on_airflow import connections as ours
        from watchbill.on_airflow import declarations

        return ours.open_ledger(declarations.settings())

    def set_clock(self, now: Callable[[], datetime]) -> None:
        """What every operator and notifier takes for the wall clock."""
        for name, module in list(sys.modules.items()):
            if name.startswith("watchbill.on_airflow") and hasattr(module, "now_utc"):
                self._patch.setattr(module, "now_utc", now)

    def run(self, dag_id: str, at: datetime | None = None, conf: dict[str, Any] | None = None, *,
            run_type: str = "manual", woken_by: Run | None = None, run_after: datetime | None = None,
            retries: int | None = None) -> Run:
        """One run to its end. `at`: its data interval ends there; None: it has none, as by the Trigger button.

        `woken_by`: the run whose asset events started this one, which is then `asset_triggered`.
        """
        dag = self.dags[dag_id]
        with pytest.MonkeyPatch.context() as patch:
            results = _recorded(patch)
            _with_its_own_params(patch, dag)
            _without_waiting(patch, dag, retries)
            events = woken_by.asset_event_ids if woken_by else []
            _as_the_scheduler_does(patch, dag_id, "asset_triggered" if woken_by else run_type, events)
            ended = dag.test(logical_date=at, run_after=run_after, run_conf=conf)
        return _told(ended, results)


@cache
def prepare_database() -> None:
    from airflow.utils.db import initdb

    initdb()


def bag(bundle: str) -> Any:
    """The DAG files as they are now, under the include folder of the environment."""
    from airflow.dag_processing.dagbag import DagBag

    path = BUNDLES[bundle]
    found = DagBag(path, bundle_path=path, bundle_name=bundle)
    assert not found.import_errors, found.import_errors
    return found


def _recorded(patch: pytest.MonkeyPatch) -> list[Any]:
    """How each try of each task ended; dag.test itself only logs it."""
    from airflow.sdk.execution_time import supervisor

    results: list[Any] = []
    run = supervisor.run_task_in_process

    def recorded(*args: Any, **kwargs: Any) -> Any:
        results.append(run(*args, **kwargs))
        return results[-1]

    patch.setattr(supervisor, "run_task_in_process", recorded)
    return results


def _without_waiting(patch: pytest.MonkeyPatch, dag: Any, retries: int | None) -> None:
    options = {"retry_delay": timedelta(0)} | ({} if retries is None else {"retries": retries})
    for task in dag.tasks:
        for name, value in options.items():
            if task.is_mapped:
                patch.setitem(task.partial_kwargs, name, value)
            else:
                patch.setattr(task, name, value)


def _with_its_own_params(patch: pytest.MonkeyPatch, dag: Any) -> None:
    """A run writes its conf into what the DAG declares; elsewhere its process ends then."""
    for owner in (dag, *dag.tasks):
        for param in owner.params.values():
            patch.setattr(param, "value", param.value)


def _as_the_scheduler_does(patch: pytest.MonkeyPatch, dag_id: str, run_type: str, events: list[int]) -> None:
    import structlog
    from airflow.dag_processing.processor import _execute_dag_callbacks
    from airflow.models.asset import AssetEvent
    from airflow.models.dag import DagModel
    from airflow.models.dagrun import DagRun
    from airflow.serialization.definitions.dag import SerializedDAG
    from airflow.utils.types import DagRunType
    from sqlalchemy.orm.attributes import set_committed_value

    create, produce, kind = SerializedDAG.create_dagrun, DagRun.produce_dag_callback, DagRunType(run_type)

    def created(self: Any, **options: Any) -> Any:
        name = options["run_id"].replace(f"{DagRunType.MANUAL}__", f"{kind}__")
        run = create(self, **{**options, "run_type": kind, "run_id": name})
        run.consumed_asset_events.extend(options["session"].get(AssetEvent, each) for each in events)
        options["session"].commit()
        return run

    def produced(self: Any, *, execute: bool, **options: Any) -> None:
        # The scheduler has it loaded by now.
        set_committed_value(self, "dag_model", DagModel.get_dagmodel(dag_id))
        request = produce(self, execute=False, **options)
        found = next(each for each in map(bag, BUNDLES) if dag_id in each.dags)
        _execute_dag_callbacks(found, request, structlog.get_logger("test"))

    patch.setattr(SerializedDAG, "create_dagrun", created)
    patch.setattr(DagRun, "produce_dag_callback", produced)


def _told(ended: Any, results: list[Any]) -> Run:
    from airflow import settings
    from airflow.models.asset import AssetEvent
    from airflow.models.xcom import XComModel
    from sqlalchemy import select

    session = settings.Session()
    run = Run(ended.dag_id, ended.run_id, str(ended.state),
              {_name(each): str(each.state) for each in ended.get_task_instances(session=session)})
    for result in results:
        name = _name(result.ti)
        run.tries[name] = result.ti.try_number
        if result.error is not None:
            run.errors[name] = result.error
    mine = (XComModel.dag_id == ended.dag_id, XComModel.run_id == ended.run_id, XComModel.key == "return_value")
    run.answers = {_name(each): XComModel.deserialize_value(each) for each in session.scalars(
        select(XComModel).where(*mine))}
    source = (AssetEvent.source_dag_id == ended.dag_id, AssetEvent.source_run_id == ended.run_id)
    for event in session.scalars(select(AssetEvent).where(*source).order_by(AssetEvent.id)):
        run.asset_events.append((event.asset.uri, event.extra))
        run.asset_event_ids.append(event.id)
    return run


def _name(task: Any) -> str:
    return task.task_id if task.map_index < 0 else f"{task.task_id}[{task.map_index}]"
