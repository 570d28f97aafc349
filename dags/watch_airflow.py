"""Airflow and Watchbill themselves, watched, between any two ticks.

`scan_failures` finds what failed and no callback told of, as after a worker was killed, and DAGs that recovered. It
needs a connection to Airflow's own API (`watch.connection` in watchbill.yaml), and skips itself without.
`watch_watchbill` tells when rules are not judged any more, a source is not collected, or the ledger is away; then it
puts the heartbeat that an alarm outside of Airflow listens for, where `heartbeat` is declared.
"""

from watchbill.on_airflow import declarations
from watchbill.on_airflow.operators.watch_airflow import ScanFailuresOperator
from watchbill.on_airflow.operators.watch_watchbill import WatchWatchbillOperator
from watchbill.on_airflow.schedule import between_ticks, watchbill_dag

reads = [declarations.rules, declarations.alerting, declarations.metric_entries]
with watchbill_dag("watch_airflow", doc=__doc__, reads=reads, schedule=between_ticks(), max_active_runs=1) as dag:
    ScanFailuresOperator(task_id="scan_failures")
    WatchWatchbillOperator(task_id="watch_watchbill")
