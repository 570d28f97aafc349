"""Upkeep of the lake: one file a day instead of hundreds."""

from typing import Any

from airflow.sdk import BaseOperator, Context

from watchbill.on_airflow import declarations
from watchbill.on_airflow.windows import now_utc


class TendLakeOperator(BaseOperator):
    """Compacts every day that has ended; safe beside writers and readers."""

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002
        from watchbill.flows.tend_lake import tend_lake
        from watchbill.on_airflow.connections import open_lake

        return tend_lake(open_lake(declarations.settings()), now=now_utc())
