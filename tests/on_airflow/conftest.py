"""Airflow's own home comes first: Airflow reads it when it is imported."""

from tests.on_airflow import home  # noqa: F401
from tests.on_airflow.fixtures import airflow, include  # noqa: F401
from tests.sandbox_fixtures import sandbox, sandbox_server  # noqa: F401
