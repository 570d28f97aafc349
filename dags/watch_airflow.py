"""Airflow itself, watched: failures that no callback told of, as after a worker was killed, and DAGs that recovered.

Callbacks tell most failures at once; this looks at every tick for what they left out. It needs a connection to
Airflow's own API (`watch.connection` in watchbill.yaml), and skips itself without.
"""

from airflow.sdk import CronTriggerTimetable

from watchbill.on_airflow import declarations
from watchbill.on_airflow.operators.watch_airflow import ScanFailuresOperator
from watchbill.on_airflow.schedule import cron, watchbill_dag

schedule = CronTriggerTimetable(cron(declarations.settings_or_defaults().tick), timezone="UTC")

reads = [declarations.alerting]
with watchbill_dag("watch_airflow", doc=__doc__, reads=reads, schedule=schedule, max_active_runs=1) as dag:
    ScanFailuresOperator(task_id="scan_failures")
