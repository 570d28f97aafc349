"""History -> lake, by hand: plan one long window, collect it in mapped tasks, verify the count.

Try it with the dry run first: `plan_backfill` then logs how many requests and points it would be, and
nothing is collected. `verify_backfill` counts in the lake what came in. A backfill never pages anybody.
"""

from airflow.sdk import Param

from watchbill.on_airflow import declarations
from watchbill.on_airflow.operators.backfill_metrics import PlanBackfillOperator, VerifyBackfillOperator
from watchbill.on_airflow.operators.collect_metrics import CollectMetricsOperator
from watchbill.on_airflow.schedule import METRICS_PARAM, OVER_BUDGET_PARAM, asking, watchbill_dag

params = {
    "source": Param("cloudwatch", type="string", enum=["cloudwatch", "datadog"], title="Source"),
    # No default: an empty form would else be a backfill of nothing, and succeed.
    "start": Param(type="string", format="date-time", title="Start, inclusive"),
    "end": Param(type="string", format="date-time", title="End, exclusive"),
    "metrics": METRICS_PARAM,
    "again": Param(False, type="boolean", title="Again", description="Ask for what is in the lake already too"),
    "over_budget": OVER_BUDGET_PARAM,
    "dry_run": Param(False, type="boolean", title="Dry run", description="Log the plan, collect nothing"),
}

reads = [declarations.metric_entries]
with watchbill_dag("backfill_metrics", doc=__doc__, reads=reads, schedule=None, params=params) as dag:
    plan = PlanBackfillOperator(
        task_id="plan_backfill",
        source="{{ params.source }}",
        start="{{ params.start }}",
        end="{{ params.end }}",
        metrics="{{ params.metrics }}",
        again="{{ params.again }}",
        over_budget="{{ params.over_budget }}",
        plan_only="{{ params.dry_run }}",
    )
    share = CollectMetricsOperator.partial(task_id="collect_metrics", **asking(history=True))
    collect = share.expand(share=plan.output)
    VerifyBackfillOperator(task_id="verify_backfill", plan=plan.output["plan"], reports=collect.output)
