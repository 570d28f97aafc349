"""include/dashboards -> CloudWatch and Datadog: created once, changed when their YAML changes, left alone when equal.

Every quarter of an hour, and by hand. What somebody has edited by hand is kept, and told through the router with what
was edited; `overwrite` in the form takes it back. What is declared no more goes, a few at once.
The same on the command line: `watchbill dashboards plan` and `apply`.
"""

from functools import cache

from airflow.sdk import Param

from watchbill.on_airflow import declarations
from watchbill.on_airflow.operators.sync_dashboards import SIDES, CheckDashboardsOperator, SyncDashboardsOperator
from watchbill.on_airflow.schedule import off_the_tick, watchbill_dag

schedule = off_the_tick("*/15 * * * *")
params = {
    "dry_run": Param(False, type="boolean", title="Dry run", description="Log the plan, write nothing"),
    "dashboards": Param(None, type=["null", "array"], items={"type": "string"}, title="Dashboards",
                        description="Their ids; all of them where empty"),
    "hand_edits": Param("keep", type="string", enum=list(SIDES), title="Edits by hand",
                        description="Keep them and alert, or overwrite them with what is declared"),
    "prune": Param(None, type=["null", "integer"], minimum=0, title="Delete at most",
                   description="Of those that are declared no more; empty: as watchbill.yaml says"),
}

dashboards = cache(declarations.dashboards)  # for as long as this file is read
with watchbill_dag(
    "sync_dashboards", doc=__doc__, reads=[dashboards], schedule=schedule, max_active_runs=1, params=params
) as dag:
    check = CheckDashboardsOperator(task_id="check_dashboards", only="{{ params.dashboards }}")
    SyncDashboardsOperator.with_links(declarations.ids(dashboards)).partial(
        task_id="sync_dashboards",
        plan_only="{{ params.dry_run }}",
        only="{{ params.dashboards }}",
        hand_edits="{{ params.hand_edits }}",
        prune="{{ params.prune }}",
        map_index_template="{{ task.place | join(' ') }}",
    ).expand(place=check.output)
