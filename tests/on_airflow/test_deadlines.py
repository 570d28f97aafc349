"""A missed deadline, as Airflow's triggerer runs its callback: the same router, the same end by a success."""

import asyncio
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.on_airflow.running import Airflow

pytestmark = pytest.mark.server


def miss(airflow: Airflow, dag_id: str, run_type: str = "scheduled") -> list[Any]:
    """As the triggerer's own class runs what the scheduler hands to it."""
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.triggers.callback import CallbackTrigger

    DagSerialization.to_dict(airflow.dags[dag_id])
    [alert] = airflow.dags[dag_id].deadline
    context = {"dag_run": {"dag_id": dag_id, "dag_run_id": f"{run_type}__2026-03-02", "run_type": run_type},
               "deadline": {"id": "1", "deadline_time": "2026-03-02 10:00:00+00:00"}}
    data = alert.callback.serialize()
    trigger = CallbackTrigger(data["path"], {**data["kwargs"], "context": context})

    async def run() -> list[Any]:
        return [event.payload async for event in trigger.run()]

    return asyncio.run(run())


def texts(sandbox: Sandbox) -> list[str]:
    return [message.text for message in sandbox.slack.messages]


def test_a_missed_deadline_is_told_through_the_router(airflow: Airflow, sandbox: Sandbox):
    events = miss(airflow, "slow")

    assert [event["state"] for event in events] == ["running", "success"], events
    [state] = airflow.ledger.alerts(["firing"])
    assert dict(state.alert.labels) == {"alertname": "AirflowDeadlineMissed", "severity": "critical", "dag_id": "slow"}
    assert texts(sandbox) == ["[CRITICAL] slow missed its deadline\n"
                              "the run scheduled__2026-03-02 has not ended by 2026-03-02 10:00:00+00:00"]


def test_a_second_run_that_is_late_is_the_same_alert_and_a_success_ends_it(airflow: Airflow, sandbox: Sandbox):
    from watchbill.on_airflow.notifier import RecoveryNotifier

    miss(airflow, "slow")
    miss(airflow, "slow", "manual")
    assert len(airflow.ledger.alerts(["firing"])) == 1

    RecoveryNotifier()({"dag": airflow.dags["slow"], "run_id": "scheduled__2026-03-02", "reason": "success"})
    assert airflow.ledger.alerts(["firing"]) == []


def test_a_backfill_may_take_as_long_as_it_likes(airflow: Airflow, sandbox: Sandbox):
    assert miss(airflow, "slow", "backfill")[-1]["state"] == "success"
    assert texts(sandbox) == []
