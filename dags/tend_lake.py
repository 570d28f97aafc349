"""Upkeep of the lake: every day that has ended becomes one file, where it was one for each collection; old ones go."""

from airflow.sdk import CronTriggerTimetable

from watchbill.on_airflow.operators.tend_lake import TendLakeOperator
from watchbill.on_airflow.schedule import watchbill_dag

schedule = CronTriggerTimetable("30 4 * * *", timezone="UTC")

with watchbill_dag("tend_lake", doc=__doc__, schedule=schedule, max_active_runs=1) as dag:
    TendLakeOperator(task_id="tend_lake")
