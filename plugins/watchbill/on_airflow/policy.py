"""The one switch: `watch.dags: all` in watchbill.yaml watches every DAG of the deployment, which says nothing itself.

Airflow calls a cluster policy (entry point `airflow.policy`) for each DAG that is read from its file: in the DAG
processor, which runs a DAG's callbacks, and in the process of every task, which runs the task's. Nothing is imported
before a DAG is read, and nothing runs in the scheduler.
"""

from typing import Any

from airflow.policies import hookimpl


@hookimpl
def dag_policy(dag: Any) -> None:
    """Adds the callbacks of `watch(dag)` where they are not there yet."""
    from watchbill.on_airflow import declarations
    from watchbill.on_airflow.notifier import attach

    wanted = declarations.settings_or_defaults().watch
    if wanted.dags == "all":
        attach(dag, wanted.severity)
