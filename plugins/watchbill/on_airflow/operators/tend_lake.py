"""Upkeep of the lake: one file a day instead of hundreds, and no day older than `lake.retention`."""

from typing import Any

from airflow.sdk import BaseOperator, Context

from watchbill.on_airflow import declarations
from watchbill.on_airflow.windows import now_utc


class TendLakeOperator(BaseOperator):
    """Drops the days that are too old, compacts every other that has ended; safe beside writers and readers."""

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002
        from watchbill.flows.tend_lake import tend_lake
        from watchbill.on_airflow.connections import open_lake

        settings = declarations.settings()
        return tend_lake(open_lake(settings), now=now_utc(), retention=settings.lake.retention)
