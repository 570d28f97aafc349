"""Source -> lake, in three moves: plan the window, collect its shares (mapped), finish."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import AssetAlias, BaseOperator, Context

from watchbill.model.series import Source
from watchbill.model.windows import Window
from watchbill.on_airflow import declarations
from watchbill.on_airflow.assets import COLLECTED
from watchbill.on_airflow.windows import is_live, now_utc, run_window


class PlanCollectionOperator(BaseOperator):
    """Resolves what is declared into requests for the run's window; returns its shares.

    `metrics` names entries of include/metrics; all of them where it is empty.
    """

    template_fields: Sequence[str] = ("start", "end", "metrics")

    def __init__(self, *, source: Source, start: Any = "", end: Any = "", metrics: Any = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source
        self.start = start
        self.end = end
        self.metrics = metrics

    def execute(self, context: Context) -> list[dict[str, Any]]:
        from watchbill.flows.collect_metrics import live_window, plan_collection
        from watchbill.on_airflow.connections import open_lake, open_reader

        now, settings = now_utc(), declarations.settings()
        window = run_window(context, self.start, self.end, settings.tick, now)
        live = not self.metrics and is_live(context, window, settings.tick, now)
        if live:
            window = live_window(self.source, window, open_lake(settings))
        # What had not settled when the last window was read is read again; history is asked for exactly.
        asked = Window(window.start - settings.delay(self.source), window.end) if live else window
        entries = declarations.metric_entries(self.metrics)
        shares = plan_collection(entries, self.source, asked, open_reader, now=now)
        context["ti"].xcom_push("plan", {"window": window.to_json(), "live": live, "whole": not self.metrics})
        return shares


class CollectMetricsOperator(BaseOperator):
    """Fetches one share and writes it to the lake; mapped over the plan's shares."""

    template_fields: Sequence[str] = ("share",)

    def __init__(self, *, share: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.share = share

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002
        from watchbill.flows.collect_metrics import collect_share
        from watchbill.on_airflow.connections import open_lake, open_reader

        lake = open_lake(declarations.settings())
        return collect_share(self.share, open_reader, lake, now=now_utc())


class FinishCollectionOperator(BaseOperator):
    """Marks the window as whole and, for a live one, wakes the judge through the source's asset."""

    template_fields: Sequence[str] = ("plan", "reports")

    def __init__(self, *, source: Source, plan: Any, reports: Any, **kwargs: Any) -> None:
        self.alias = AssetAlias(f"watchbill_{source}_live")
        super().__init__(outlets=[self.alias], trigger_rule="none_failed", **kwargs)
        self.source = source
        self.plan = plan
        self.reports = reports

    def execute(self, context: Context) -> dict[str, Any]:
        from watchbill.flows.collect_metrics import finish_collection
        from watchbill.on_airflow.connections import open_lake

        window = Window.from_json(self.plan["window"])
        lake = open_lake(declarations.settings())
        report = finish_collection(self.source, window, list(self.reports or ()), lake, now=now_utc(),
                                   whole=self.plan["whole"])
        if self.plan["live"]:
            context["outlet_events"][self.alias].add(COLLECTED[self.source], extra={**window.to_json()})
        return report
