"""Upkeep. Of the lake: one file a day instead of hundreds, and old points as `retention` and `downsample` say. Of the
ledger: what has been over for long goes.
"""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator, Context

from watchbill.model.failures import DeclarationError
from watchbill.model.metrics import MetricEntry
from watchbill.on_airflow import declarations
from watchbill.on_airflow.windows import now_utc


class TendLakeOperator(BaseOperator):
    """Drops and folds what is too old, compacts every other day that has ended; safe beside writers and readers."""

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002
        from watchbill.flows.tend_lake import tend_lake
        from watchbill.on_airflow.connections import open_lake

        settings = declarations.settings()
        return tend_lake(open_lake(settings), now=now_utc(), settings=settings, entries=_entries())


class TendLedgerOperator(BaseOperator):
    """Deletes what has been over for longer than `ledger_retention`: alerts, notifications, silences, history."""

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002
        from watchbill.flows.tend_ledger import tend_ledger
        from watchbill.on_airflow.connections import open_ledger

        settings = declarations.settings()
        return tend_ledger(open_ledger(settings), now=now_utc(), settings=settings)


def _entries() -> Sequence[MetricEntry] | None:
    """None where the metrics are broken: a misspelt retention must delete nothing, and compaction goes on."""
    try:
        return declarations.metric_entries()
    except DeclarationError:
        return None
