"""A user's DAG with a deadline."""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, task

from watchbill.on_airflow.deadlines import finish_within


@task
def load():
    """Takes its time."""


start, deadline = datetime(2024, 1, 1, tzinfo=UTC), finish_within(timedelta(hours=1), "critical")
with DAG("slow", schedule=None, start_date=start, deadline=deadline) as dag:
    load()
