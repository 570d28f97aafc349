"""What callbacks left untold is found in Airflow's API: once, whoever else speaks of it, and ended by a success."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.contract.flows.world import ALERTING, MINUTE, START, TICK
from watchbill.alerts import marks
from watchbill.alerts.ledger import Ledger
from watchbill.flows import scan_failures as scanning
from watchbill.flows.scan_failures import UNTOLD, Scanned, Seen, scan_failures
from watchbill.flows.send_alert import resolve_alert, send_alert
from watchbill.model.airflow_failures import EXPIRY, Failed, deadline_missed, of_dag, task_failed
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert
from watchbill.model.settings import WatchSettings

ALL, DECLARED = WatchSettings(dags="all"), WatchSettings()
ROUTING = Alerting.model_validate(ALERTING)


@dataclass
class FakeApi:
    """Airflow's API over lists; asks are counted."""

    tasks: list[Seen] = field(default_factory=list)
    runs: list[Seen] = field(default_factory=list)
    successes: dict[str, datetime] = field(default_factory=dict)
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def failed_tasks(self, since: datetime, until: datetime, most: int) -> list[Seen]:
        return _between(self.tasks, since, until, most)

    def failed_runs(self, since: datetime, until: datetime, most: int) -> list[Seen]:
        return _between(self.runs, since, until, most)

    def failed_task_of(self, dag_id: str, run_id: str) -> Failed | None:
        return next((one.failed for one in self.tasks if (one.failed.dag_id, one.failed.run_id) == (dag_id, run_id)),
                    None)

    def last_success(self, dag_id: str, since: datetime) -> datetime | None:
        self.asked.append(dag_id)
        at = self.successes.get(dag_id)
        return at if at and at >= since else None

    def watched(self) -> Mapping[str, tuple[str, ...]]:
        return self.tags


def _between(seen: Sequence[Seen], since: datetime, until: datetime, most: int) -> list[Seen]:
    return sorted((one for one in seen if since <= one.ended_at <= until), key=lambda one: one.ended_at)[:most]


def task(minute: float, dag_id: str = "etl", task_id: str = "load", run: str = "", run_type: str = "") -> Seen:
    run = run or f"scheduled__{minute}"
    return Seen(f"{dag_id}/{task_id}/{run}", Failed(dag_id, run, task_id, 3, f"http://airflow/{run}"),
                START + minute * MINUTE, run_type)


def scan(api: FakeApi, ledger: Ledger, minute: float, watch: WatchSettings = ALL) -> Scanned:
    return scan_failures(api, ledger, ROUTING, watch, now=START + minute * MINUTE, tick=TICK)


def call_back(ledger: Ledger, minute: float, severity: str = "error", task_id: str = "load") -> Alert:
    """As the notifier does."""
    at = START + minute * MINUTE
    alert = task_failed(Failed("etl", "r", task_id), severity, "RuntimeError: no such file", now=at)
    send_alert(alert, ledger, ROUTING, now=at, tick=TICK)
    return alert


def succeed(ledger: Ledger, minute: float) -> None:
    for labels in of_dag("etl"):
        resolve_alert(labels, ledger, ROUTING, now=START + minute * MINUTE, tick=TICK)


def firing(ledger: Ledger) -> list[Alert]:
    return [state.alert for state in ledger.alerts(["firing"])]


def test_a_killed_task_becomes_the_alert_that_its_callback_would_have_raised(ledger: Ledger) -> None:
    scanned = scan(FakeApi([task(-3, run="r7")]), ledger, 0)

    at = START - 3 * MINUTE
    assert scanned.told == ["etl.load failed"]
    assert firing(ledger) == [Alert(
        {"alertname": "AirflowTaskFailed", "severity": "error", "dag_id": "etl", "task_id": "load"}, at, type="airflow",
        annotations={"summary": "etl.load failed", "description": UNTOLD}, ends_at=START + EXPIRY,
        metadata={"dag": "etl", "task": "load", "run": "r7", "try": 3, "error": UNTOLD, "log": "http://airflow/r7",
                  "failed_at": at.isoformat()})]


def test_it_is_told_once_however_often_it_is_seen(ledger: Ledger) -> None:
    api = FakeApi([task(-3)])
    assert [scan(api, ledger, minute).told for minute in range(5)] == [["etl.load failed"], [], [], [], []]


def test_what_a_callback_has_told_is_left_alone_with_its_words(ledger: Ledger) -> None:
    call_back(ledger, -2.9, "critical")
    assert scan(FakeApi([task(-3)]), ledger, 0).told == []
    [alert] = firing(ledger)
    assert (alert.labels["severity"], alert.message) == ("critical", "RuntimeError: no such file")


def test_what_a_callback_has_told_and_a_success_has_ended_is_not_told_again(ledger: Ledger) -> None:
    call_back(ledger, -2.9)
    succeed(ledger, -2)
    assert scan(FakeApi([task(-3)]), ledger, 0).told == []
    assert firing(ledger) == []


def test_a_callback_comes_first_so_a_failure_of_this_minute_waits(ledger: Ledger) -> None:
    api = FakeApi([task(-0.5)])
    assert scan(api, ledger, 0).told == []
    assert scan(api, ledger, 1).told == ["etl.load failed"]


def test_a_callback_that_comes_later_is_the_same_alert(ledger: Ledger) -> None:
    scan(FakeApi([task(-3)]), ledger, 0)
    call_back(ledger, 0.5)
    assert len(firing(ledger)) == 1


def test_a_failure_that_became_visible_late_is_found(ledger: Ledger) -> None:
    api = FakeApi()
    for minute in range(6):
        scan(api, ledger, minute)
    api.tasks.append(task(-2))
    assert scan(api, ledger, 6).told == ["etl.load failed"]


def test_nothing_is_missed_while_the_scan_did_not_run(ledger: Ledger) -> None:
    scan(FakeApi(), ledger, 0)
    assert scan(FakeApi([task(5), task(700, task_id="send")]), ledger, 24 * 60).told == [
        "etl.load failed", "etl.send failed"]


def test_the_first_look_of_all_goes_back_a_quarter_of_an_hour_and_an_overlap(ledger: Ledger) -> None:
    assert scan(FakeApi([task(-60), task(-20, task_id="send")]), ledger, 0).told == ["etl.send failed"]


def test_more_failures_than_one_look_takes_are_told_by_the_next_ones(ledger: Ledger, monkeypatch) -> None:
    monkeypatch.setattr(scanning, "MOST_FAILURES", 10)
    api = FakeApi([task(-5 + number / 60, task_id=f"t{number:02}") for number in range(25)])
    told = [scan(api, ledger, minute).told for minute in range(4)]
    assert sorted(name for names in told for name in names) == sorted(f"etl.t{n:02} failed" for n in range(25))


def test_a_backfill_and_a_dag_that_nobody_watches_are_silent(ledger: Ledger) -> None:
    api = FakeApi([task(-3, run_type="backfill"), task(-3, "other"), task(-3, "shop")],
                  tags={"etl": ("watched",), "shop": ("watched", "watched: critical")})
    assert scan(api, ledger, 0, DECLARED).told == ["shop.load failed"]
    assert [alert.labels["severity"] for alert in firing(ledger)] == ["critical"]


def test_a_dag_that_says_how_bad_it_is_is_believed_and_the_others_are_as_bad_as_the_settings_say(
        ledger: Ledger) -> None:
    tags = {"ours": ("watchbill",), "etl": ("watched", "watched: info")}
    api = FakeApi([task(-3, name) for name in ("ours", "etl", "other")], tags=tags)
    scan(api, ledger, 0, WatchSettings(dags="all", severity="warning"))
    assert {alert.labels["dag_id"]: alert.labels["severity"] for alert in firing(ledger)} == {
        "ours": "error", "etl": "info", "other": "warning"}


def test_a_run_that_failed_is_told_by_its_task_and_by_itself_where_none_can_be_named(ledger: Ledger) -> None:
    late = replace(task(-3, run="r1"), failed=Failed("etl", "r1"), id="run r1")
    timed_out = Seen("run r2", Failed("slow", "r2"), START - 2 * MINUTE)
    api = FakeApi([task(-3, run="r1")], [late, timed_out])
    assert scan(api, ledger, 0).told == ["etl.load failed", "slow failed"]
    assert [dict(alert.labels) for alert in firing(ledger)] == [
        {"alertname": "AirflowTaskFailed", "severity": "error", "dag_id": "etl", "task_id": "load"},
        {"alertname": "AirflowTaskFailed", "severity": "error", "dag_id": "slow"}]


def test_a_later_success_ends_it_and_an_earlier_one_does_not(ledger: Ledger) -> None:
    api = FakeApi([task(-3)], successes={"etl": START - 4 * MINUTE, "shop": START})
    scan(api, ledger, 0)
    assert len(firing(ledger)) == 1
    api.successes["etl"] = START + MINUTE
    assert scan(api, ledger, 2).recovered == ["etl"]
    assert firing(ledger) == []


def test_a_success_between_the_failure_and_the_look_is_found_by_the_next(ledger: Ledger) -> None:
    api = FakeApi([task(-3)], successes={"etl": START - MINUTE})
    assert scan(api, ledger, 0).told == ["etl.load failed"]
    assert scan(api, ledger, 1).recovered == ["etl"]


def test_a_failure_after_an_untold_success_goes_on_firing(ledger: Ledger) -> None:
    call_back(ledger, -30)
    api = FakeApi([task(-3)], successes={"etl": START - 10 * MINUTE})
    scan(FakeApi(), ledger, -29)
    scan(api, ledger, 0)
    scan(api, ledger, 1)
    assert [alert.metadata["failed_at"] for alert in firing(ledger)] == [(START - 3 * MINUTE).isoformat()]


def test_a_missed_deadline_ends_with_the_next_success_too(ledger: Ledger) -> None:
    alert = deadline_missed("etl", "r1", "warning", "10:00", now=START)
    send_alert(alert, ledger, ROUTING, now=START, tick=TICK)
    assert scan(FakeApi(successes={"etl": START + MINUTE}), ledger, 2).recovered == ["etl"]
    assert firing(ledger) == []


def test_of_many_dags_that_fire_each_is_asked_for_in_its_turn(ledger: Ledger, monkeypatch) -> None:
    monkeypatch.setattr(scanning, "MOST_DAGS", 2)
    api = FakeApi([task(-3, name) for name in "abcde"])
    for minute in range(4):
        scan(api, ledger, minute)
    assert api.asked == ["a", "b", "c", "d", "e", "a"]


def test_two_looks_at_once_tell_once(ledger: Ledger) -> None:
    class Interrupted(FakeApi):
        def failed_runs(self, since: datetime, until: datetime, most: int) -> list[Seen]:
            scan(FakeApi([task(-3)]), ledger, 0)
            return []

    assert scan(Interrupted([task(-3)]), ledger, 0.1) == Scanned()
    assert len(firing(ledger)) == 1


def test_a_mark_is_moved_from_where_it_was_read_only(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        assert marks.move(tx, "look", None, {"until": 1}, now=START)
        assert not marks.move(tx, "look", None, {"until": 2}, now=START)
        first = marks.read(tx, "look")
        assert first is not None
        assert marks.move(tx, "look", first, {"until": 3}, now=START + timedelta(seconds=1))
        assert not marks.move(tx, "look", first, {"until": 4}, now=START + timedelta(seconds=2))
        found = marks.read(tx, "look")
    assert found == ({"until": 3}, START + timedelta(seconds=1))
