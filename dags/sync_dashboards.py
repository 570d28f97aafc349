"""include/dashboards -> CloudWatch and Datadog: created once, updated when changed, left alone when equal.

Every quarter of an hour, and by hand; a dry run logs what it would do.
"""

from airflow.sdk import CronTriggerTimetable, Param

from watchbill.on_airflow import declarations
from watchbill.on_airflow.operators.sync_dashboards import CheckDashboardsOperator, SyncDashboardsOperator
from watchbill.on_airflow.schedule import watchbill_dag

schedule = CronTriggerTimetable("*/15 * * * *", timezone="UTC")
params = {"dry_run": Param(False, type="boolean", title="Dry run", description="Log the plan, write nothing")}

reads = [declarations.dashboards]
with watchbill_dag(
    "sync_dashboards", doc=__doc__, reads=reads, schedule=schedule, max_active_runs=1, params=params
) as dag:
    check = CheckDashboardsOperator(task_id="check_dashboards")
    SyncDashboardsOperator.partial(
        task_id="sync_dashboards", plan_only="{{ params.dry_run }}", map_index_template="{{ task.cloud }}"
    ).expand(cloud=check.output)
