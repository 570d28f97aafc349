"""Celery's workers fork too: with this configuration they import Watchbill once, before they do.

`AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS=watchbill.on_airflow.celery_workers.CONFIG`. It is the provider's own; to be
imported is what counts.
"""

from typing import Any

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG
from celery.signals import import_modules  # type: ignore[import-untyped]

from watchbill.on_airflow.preload import preload

CONFIG = DEFAULT_CELERY_CONFIG


@import_modules.connect  # type: ignore[untyped-decorator]
def before_the_fork(**_: Any) -> None:
    """Celery sends this signal in a worker's first process, and nowhere else."""
    preload()
