"""watch_airflow against Airflow's own API: a task whose callbacks never ran is told, once, and its recovery too."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.on_airflow.api_server import serving
from tests.on_airflow.home import PASSWORD, USER
from tests.on_airflow.running import Airflow, Run

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as listening:
        yield listening


@pytest.fixture
def api(port: int, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the connection to Airflow's API."""

    def connect(**other: Any) -> None:
        connection = {"conn_type": "http", "host": "127.0.0.1", "port": port, "login": USER, "password": PASSWORD}
        monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_API_DEFAULT", json.dumps(connection | other))

    connect()
    return connect


@pytest.fixture
def silent(airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> Airflow:
    """Callbacks that are never run, as where their worker and the DAG processor were killed."""
    from watchbill.on_airflow.notifier import FailureNotifier, RecoveryNotifier

    monkeypatch.setattr(FailureNotifier, "notify", lambda *_: None)
    monkeypatch.setattr(RecoveryNotifier, "notify", lambda *_: None)
    later(airflow, 0)
    _forget_failures()
    return airflow


def _forget_failures() -> None:
    """Those of other tests, a few minutes ago: the scan looks back for longer."""
    from airflow import settings
    from airflow.models import DagRun, TaskInstance
    from sqlalchemy import update

    with settings.Session() as session:
        for table in (DagRun, TaskInstance):
            session.execute(update(table).where(table.state == "failed").values(state="success"))
        session.commit()


def later(airflow: Airflow, minutes: float) -> None:
    airflow.set_clock(lambda: datetime.now(UTC) + timedelta(minutes=minutes))


def texts(sandbox: Sandbox) -> list[str]:
    return [message.text.partition("\n")[0] for message in sandbox.slack.messages]


def test_a_task_that_nobody_told_of_is_told_once_and_its_next_success_too(
        silent: Airflow, sandbox: Sandbox, api: Callable[..., None]):
    sandbox.slack.reset()
    failed = silent.run("nightly", conf={"error": "no such file"})
    assert texts(sandbox) == []

    for minutes in (2, 3):
        later(silent, minutes)
        assert silent.run("watch_airflow").tasks["scan_failures"] == "success"

    assert texts(sandbox) == ["[ERROR] nightly.load_parts failed"]
    [state] = [one for one in silent.ledger.alerts(["firing"]) if one.alert.labels["dag_id"] == "nightly"]
    assert state.alert.metadata["run"] == failed.run_id
    assert f"/dags/nightly/runs/{failed.run_id.split('+')[0]}" in state.alert.metadata["log"].replace("%3A", ":")

    silent.run("nightly")
    later(silent, 5)
    run = silent.run("watch_airflow")
    assert run.answers["scan_failures"]["recovered"] == ["nightly"]
    later(silent, 7)  # the group may be held until its next minute
    silent.run("watch_airflow")
    [message] = [message for message in sandbox.slack.messages if message.thread_ts is None]
    assert [text.partition("\n")[0] for text in (message.posted, message.text)] == [
        "[ERROR] nightly.load_parts failed", "[RESOLVED] nightly.load_parts failed"]


def test_a_backfill_and_a_dag_that_nobody_watches_are_left_alone(
        silent: Airflow, sandbox: Sandbox, api: Callable[..., None], monkeypatch: pytest.MonkeyPatch):
    sandbox.slack.reset()
    silent.run("nightly", conf={"error": "no such file"}, run_type="backfill")
    silent.run("killed", conf={"error": "no such file"})
    later(silent, 2)
    silent.run("watch_airflow")
    assert texts(sandbox) == []

    monkeypatch.setenv("WATCHBILL__WATCH__DAGS", "all")
    silent.run("killed", conf={"error": "no such file"})
    later(silent, 4)
    assert silent.run("watch_airflow").answers["scan_failures"]["told"] == ["killed.load failed"]


def test_without_a_connection_it_skips_itself_and_says_what_to_do(airflow: Airflow):
    assert airflow.run("watch_airflow").tasks == {"scan_failures": "skipped", "watch_watchbill": "success"}


@pytest.mark.parametrize(("wrong", "said", "tries"), [
    ({"password": "another"}, "refused the Airflow connection 'airflow_api_default' (401)", 1),
    ({"port": 1}, "did not answer (ConnectError)", 3),
    ({"host": ""}, "has no host", 1),
])
def test_a_connection_that_is_wrong_fails_with_a_sentence_and_is_told(
        airflow: Airflow, sandbox: Sandbox, api: Callable[..., None], wrong: dict[str, Any], said: str, tries: int):
    api(**wrong)
    run: Run = airflow.run("watch_airflow")
    assert said in run.error("scan_failures")
    assert PASSWORD not in run.error("scan_failures")
    assert run.tries["scan_failures"] == tries
    assert texts(sandbox) == ["[ERROR] watch_airflow.scan_failures failed"]
