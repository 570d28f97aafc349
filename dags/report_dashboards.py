"""include/reports: dashboards drawn from the lake, by mail and in Slack, each at its own times.

By hand from the form: one report, or all of them, as of now. A channel that has got a report does not get it again
when a task is tried again; one that is away is tried for some hours.
"""

from datetime import timedelta

from airflow.sdk import Param

from watchbill.on_airflow import declarations
from watchbill.on_airflow.operators.report_dashboards import FindReportsOperator, ReportDashboardOperator
from watchbill.on_airflow.report_times import report_times
from watchbill.on_airflow.schedule import watchbill_dag

params = {
    "report": Param(None, type=["null", "string"], title="Report", description="Its name; empty: all of them"),
    "dry_run": Param(False, type="boolean", title="Dry run", description="Draw it, send nothing"),
}
patience = {"retries": 9, "retry_delay": timedelta(minutes=1), "retry_exponential_backoff": True}

reads = [declarations.reports, declarations.dashboards, declarations.alerting]
with watchbill_dag(
    "report_dashboards", doc=__doc__, reads=reads, schedule=report_times(), max_active_runs=1, params=params
) as dag:
    due = FindReportsOperator(task_id="find_reports", report="{{ params.report }}")
    ReportDashboardOperator.partial(
        task_id="report_dashboard",
        draw_only="{{ params.dry_run }}",
        map_index_template="{{ task.report['report'] }}",
        max_retry_delay=timedelta(minutes=30),
        **patience,
    ).expand(report=due.output)
