"""Imports what tasks will need before they are forked, so that each finds it there and spends no second on it.

A task, and the reading of a DAG file, is a fork of a process that runs for long: of the scheduler with the
LocalExecutor, of the DAG processor. Where WATCHBILL_PRELOAD is set, they import all of Watchbill once, at their start
(celery_workers.py does it for Celery). As with every plugin of Airflow, new code then needs their restart.
"""

import os
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules, walk_packages

import structlog

import watchbill

VARIABLE = "WATCHBILL_PRELOAD"
_COMMANDS = {"watchbill.cli", "watchbill.doctor"}  # no task needs them
_NOT_BY_TASKS = ("watchbill.alerts.migrations.", "watchbill.on_airflow.celery_workers")
_IMPORTED_LATE = (  # by our modules, where they need it
    "duckdb", "jinja2.sandbox", "matplotlib.backends.backend_agg", "matplotlib.dates", "matplotlib.figure", "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite",
    "airflow.providers.standard.operators.empty",
)

log = structlog.get_logger("watchbill")


def preload_where_wanted() -> None:
    """For the scheduler and the DAG processor, which load their plugins at their start, before they fork anything."""
    if os.environ.get(VARIABLE, "").lower() in ("1", "true", "yes", "on"):
        preload()


@cache
def preload() -> None:
    """What cannot be imported is left to the task that needs it, and fails there."""
    for name in (*modules(), *_IMPORTED_LATE):
        try:
            import_module(name)
        except ImportError as error:
            log.warning("not_preloaded", module=name, error=str(error))


def modules() -> Iterator[str]:
    """All of Watchbill's but those of commands, and what only Alembic and Celery import."""
    for room in iter_modules(watchbill.__path__, "watchbill."):
        if room.ispkg and room.name not in _COMMANDS:
            yield from (found.name for found in walk_packages(import_module(room.name).__path__, f"{room.name}.")
                        if not found.name.startswith(_NOT_BY_TASKS))
