"""What is imported before tasks are forked: all that a task would import, where a deployment wants that."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.on_airflow.cost_of_dag_files import HEAVY
from tests.on_airflow.home import ROOT
from watchbill.on_airflow import preload

pytestmark = pytest.mark.server
OURS = ROOT / "plugins/watchbill"
NOT_IN_TASKS = ("cli", "doctor", "on_airflow/forms", "alerts/migrations")
SELDOM = {"alembic", "alembic.config"}  # for an older ledger
STARTED = """
import json, sys
from airflow.jobs.job import Job
from airflow.plugins_manager import get_import_errors
Job()  # as the scheduler and the DAG processor begin
assert not get_import_errors(), get_import_errors()
json.dump(sorted(sys.modules), sys.stdout)
"""
CELERY = """
import json, sys
from airflow.providers.celery.executors.celery_executor_utils import app
scheduler = sorted(sys.modules)
app.loader.import_default_modules()  # as the first process of a worker does
json.dump([scheduler, sorted(sys.modules)], sys.stdout)
"""


def loaded(**variables: str) -> set[str]:
    """What a component of Airflow has imported when it has started."""
    return set(_ran(STARTED, **variables))


def _ran(script: str, **variables: str) -> Any:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], env=os.environ | variables,
                          capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def preloaded() -> set[str]:
    return loaded(WATCHBILL_PRELOAD="1")


@pytest.mark.parametrize("variables", [{}, {"WATCHBILL_PRELOAD": ""}, {"WATCHBILL_PRELOAD": "0"}])
def test_a_component_imports_nothing_of_weight_unless_it_is_told_to(variables):
    assert loaded(**variables) & {*HEAVY, "watchbill.flows", "watchbill.on_airflow.operators"} == set()


def test_what_a_dag_file_imports_is_there_before_the_task_is_forked(preloaded):
    needed = {name for path in (ROOT / "dags").glob("*.py") for name in _imports(ast.parse(path.read_text()))}
    assert needed - preloaded == set()


def test_what_a_task_imports_late_is_there_before_it_is_forked(preloaded):
    needed = {name for path in OURS.rglob("*.py") if not str(path.relative_to(OURS)).startswith(NOT_IN_TASKS)
              for function in ast.walk(ast.parse(path.read_text())) if isinstance(function, ast.FunctionDef)
              for name in _imports(function)}
    assert needed - preloaded == SELDOM


def test_celerys_workers_import_the_same_before_they_fork_and_its_scheduler_nothing(preloaded):
    options = "watchbill.on_airflow.celery_workers.CONFIG"
    scheduler, worker = _ran(CELERY, AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS=options)
    ours = {name for name in preloaded if name.startswith("watchbill.")} - {"watchbill.on_airflow.forms.login"}
    assert set(scheduler) & {*HEAVY, "watchbill.flows"} == set()
    assert (ours | {"pyarrow", "duckdb", "boto3"}) - set(worker) == set()


def test_commands_are_not_imported(preloaded):
    assert {name for name in preloaded if name.startswith(("watchbill.cli", "watchbill.doctor"))} == set()


def test_no_listener_is_registered():
    """With any, Airflow refuses every DAG that has `end_from_trigger=True`, whosever it is."""
    from airflow.listeners.listener import get_listener_manager

    assert not get_listener_manager().has_listeners


def test_what_cannot_be_imported_is_left_to_the_task(monkeypatch):
    monkeypatch.setattr(preload, "modules", lambda: iter(["watchbill.gone"]))
    with capture_logs() as logs:
        preload.preload.__wrapped__()
    assert [(log["event"], log["module"]) for log in logs] == [("not_preloaded", "watchbill.gone")]


def _imports(tree: ast.AST) -> Iterator[str]:
    """The modules that import statements name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
