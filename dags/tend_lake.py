"""Upkeep of the lake, every night: yesterday is read once more, for points that came late or were corrected; then a
day that has ended becomes one file instead of one for each collection, and what is too old goes. So it does from the
ledger.
"""

from airflow.providers.standard.operators.empty import EmptyOperator

from watchbill.model.series import SOURCES
from watchbill.on_airflow import declarations
from watchbill.on_airflow.operators.collect_metrics import CollectMetricsOperator, PlanCollectionOperator
from watchbill.on_airflow.operators.tend_lake import TendLakeOperator, TendLedgerOperator
from watchbill.on_airflow.schedule import asking, off_the_tick, watchbill_dag

schedule = off_the_tick("30 4 * * *")
reads = [declarations.metric_entries]

with watchbill_dag("tend_lake", doc=__doc__, reads=reads, schedule=schedule, max_active_runs=1) as dag:
    tend = TendLakeOperator(task_id="tend_lake")
    for source in SOURCES:
        plan = PlanCollectionOperator(
            task_id=f"plan_{source}",
            source=source,
            start="{{ (dag_run.run_after - macros.timedelta(days=1)).strftime('%Y-%m-%dT00:00:00Z') }}",
            end="{{ dag_run.run_after.strftime('%Y-%m-%dT00:00:00Z') }}",
        )
        collect = CollectMetricsOperator.partial(task_id=f"collect_{source}", **asking(history=True))
        collect.expand(share=plan.output) >> tend
    tend.as_teardown()  # whatever a source says, the lake is tended; a source that failed still fails the run
    TendLedgerOperator(task_id="tend_ledger")
    tend >> EmptyOperator(task_id="tended")  # so does a teardown that failed
