"""History -> lake by hand: plan, the collection's own mapped shares, verify."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowSkipException

from watchbill.model.windows import Window
from watchbill.on_airflow import declarations
from watchbill.on_airflow.windows import now_utc, run_window


class PlanBackfillOperator(BaseOperator):
    """One plan over the form's whole window; with `plan_only` it is logged and nothing collected."""

    template_fields: Sequence[str] = ("source", "start", "end", "metrics", "plan_only", "again", "over_budget")

    def __init__(self, *, source: Any, start: Any, end: Any, metrics: Any, plan_only: Any, again: Any = False,
                 over_budget: Any = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source
        self.start = start
        self.end = end
        self.metrics = metrics
        self.plan_only = plan_only
        self.again = again
        self.over_budget = over_budget

    def execute(self, context: Context) -> list[dict[str, Any]]:
        from watchbill.flows.backfill_metrics import plan_backfill
        from watchbill.on_airflow.connections import open_lake
        from watchbill.on_airflow.readers import readers

        now, settings = now_utc(), declarations.settings()
        lake = open_lake(settings)
        window = run_window(context, self.start, self.end, settings.tick, now)
        entries = declarations.metric_entries(self.metrics)
        shares = plan_backfill(entries, self.source, window, readers(lake), lake, now=now,
                               dry_run=self.plan_only, again=self.again,
                               budget=None if self.over_budget else settings.budget(self.source))
        context["ti"].xcom_push("plan", {
            "window": window.to_json(), "source": self.source, "whole": not self.metrics, "dry_run": self.plan_only})
        return shares


class VerifyBackfillOperator(BaseOperator):
    """Counts in the lake what the shares brought, also where all of it had come before; skipped after a dry run."""

    template_fields: Sequence[str] = ("plan", "reports")

    def __init__(self, *, plan: Any, reports: Any, **kwargs: Any) -> None:
        super().__init__(trigger_rule="none_failed", **kwargs)
        self.plan = plan
        self.reports = reports

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002
        from watchbill.flows.backfill_metrics import verify_backfill
        from watchbill.on_airflow.connections import open_lake

        if self.plan["dry_run"]:
            raise AirflowSkipException("a dry run collects nothing")
        lake = open_lake(declarations.settings())
        window = Window.from_json(self.plan["window"])
        return verify_backfill(self.plan["source"], window, self.reports or (), lake, now=now_utc(),
                               whole=self.plan["whole"])
