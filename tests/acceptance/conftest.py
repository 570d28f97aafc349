"""Airflow's own home comes first: Airflow reads it when it is imported."""

from tests.on_airflow import home  # noqa: F401
from tests.postgres import postgres_server, postgres_url  # noqa: F401
