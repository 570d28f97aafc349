"""Datadog -> lake: what include/metrics declares for Datadog, one tick at a time.

Trigger it by hand with a window of your own, or run Airflow's Backfill over history: the lake then
holds each point once, and nobody is paged for the past.
"""

from airflow.providers.standard.operators.empty import EmptyOperator

from watchbill.on_airflow import declarations
from watchbill.on_airflow.operators.collect_metrics import (
    CollectMetricsOperator,
    FinishCollectionOperator,
    PlanCollectionOperator,
)
from watchbill.on_airflow.schedule import WINDOW_PARAMS, asking, tick, watchbill_dag

reads = [declarations.metric_entries]
with watchbill_dag("collect_datadog", doc=__doc__, reads=reads, schedule=tick(), params=WINDOW_PARAMS) as dag:
    plan = PlanCollectionOperator(
        task_id="plan_collection",
        source="datadog",
        start="{{ params.start }}",
        end="{{ params.end }}",
        metrics="{{ params.metrics }}",
        over_budget="{{ params.over_budget }}",
    )
    collect = CollectMetricsOperator.partial(task_id="collect_metrics", **asking()).expand(share=plan.output)
    finish = FinishCollectionOperator(
        task_id="finish_collection", source="datadog", plan=plan.output["plan"], reports=collect.output
    )
    finish.as_teardown(setups=plan)  # what came in counts, and a share that failed still fails the run
    finish >> EmptyOperator(task_id="finished")  # so does a teardown that failed
