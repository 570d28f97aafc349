"""Source -> lake, in three moves: plan the window, collect its shares (mapped), finish."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import AssetAlias, BaseOperator, Context

from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Source
from watchbill.model.windows import Window
from watchbill.on_airflow import declarations
from watchbill.on_airflow.assets import COLLECTED
from watchbill.on_airflow.windows import is_backfill, is_live, now_utc, run_window


class PlanCollectionOperator(BaseOperator):
    """Resolves what is declared into requests for the run's window; returns its shares.

    `metrics` names entries of include/metrics; all of them where it is empty.
    """

    template_fields: Sequence[str] = ("start", "end", "metrics", "over_budget")

    def __init__(self, *, source: Source, start: Any = "", end: Any = "", metrics: Any = "", over_budget: Any = False,
                 **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source
        self.start = start
        self.end = end
        self.metrics = metrics
        self.over_budget = over_budget

    def execute(self, context: Context) -> list[dict[str, Any]]:
        from watchbill.flows.collect_metrics import planned_shares
        from watchbill.flows.coverage import live_window
        from watchbill.flows.plan_collection import plan_collection
        from watchbill.on_airflow.connections import open_lake
        from watchbill.on_airflow.readers import readers

        now, settings = now_utc(), declarations.settings()
        lake, window = open_lake(settings), run_window(context, self.start, self.end, settings.tick, now)
        live = not self.metrics and is_live(context, window, settings.tick, now)
        if live:
            window = live_window(self.source, window, lake)
        entries = declarations.metric_entries(self.metrics)
        shares = plan_collection(
            entries, self.source, window, readers(lake), lake, now=now, again=not is_backfill(context),
            # What had not settled when the last window was read is read again; history is asked for exactly.
            settle=settings.delay(self.source) if live else None,
            budget=None if self.over_budget else settings.budget(self.source))
        if shares and is_backfill(context):
            self._tell_cheaper(entries, window, readers(lake), now)
        context["ti"].xcom_push("plan", {"window": window.to_json(), "live": live, "whole": not self.metrics,
                                         "shares": planned_shares(shares)})
        return shares

    def _tell_cheaper(self, entries: list[MetricEntry], window: Window, open_reader: Any, now: datetime) -> None:
        from watchbill.flows.backfill_metrics import cheaper_backfill

        sentence = cheaper_backfill(entries, self.source, window, open_reader, now=now)
        if sentence:
            self.log.warning("There is a cheaper way: %s", sentence)


class CollectMetricsOperator(BaseOperator):
    """Fetches one share and writes it to the lake; mapped over the plan's shares."""

    template_fields: Sequence[str] = ("share",)

    def __init__(self, *, share: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.share = share

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002
        from watchbill.flows.collect_metrics import collect_share
        from watchbill.on_airflow.connections import open_lake
        from watchbill.on_airflow.readers import readers

        lake = open_lake(declarations.settings())
        return collect_share(self.share, readers(), lake, now=now_utc())


class FinishCollectionOperator(BaseOperator):
    """Marks the window as whole and, for a live one, wakes the judge through the source's asset.

    To be a teardown of the planning task: it runs whatever became of the shares, and one that failed still fails the
    run. A target that failed leaves its part out; where none has all of its shares, the window counts as not collected.
    """

    template_fields: Sequence[str] = ("plan", "reports")

    def __init__(self, *, source: Source, plan: Any, reports: Any, **kwargs: Any) -> None:
        self.alias = AssetAlias(f"watchbill_{source}_live")
        super().__init__(outlets=[self.alias], **kwargs)
        self.source = source
        self.plan = plan
        self.reports = reports

    def execute(self, context: Context) -> dict[str, Any]:
        from watchbill.flows.collect_metrics import finish_collection
        from watchbill.flows.tell_gaps import tell_gaps
        from watchbill.on_airflow.connections import open_lake

        window = Window.from_json(self.plan["window"])
        lake = open_lake(declarations.settings())
        report = finish_collection(self.source, window, self.plan["shares"], [one for one in self.reports or () if one],
                                   lake, now=now_utc(), whole=self.plan["whole"])
        settings = declarations.settings()
        delay = settings.delay(self.source) if self.plan["live"] else timedelta(0)
        keys = {key for one in self.reports or () if one for key in one["keys"]}
        tell_gaps(self.source, Window(window.start - delay, window.end - delay), lake, keys)
        if self.plan["live"] and report["collected"]:
            context["outlet_events"][self.alias].add(COLLECTED[self.source], extra={**window.to_json()})
        return report
