"""Airflow's API -> alerts of failures that no callback told of, as after a worker was killed; ends what has recovered.

Each look begins where the last one ended, by a mark in the ledger, a little earlier: what became visible late is found
too, and what was seen is not told twice. A failure whose alert was told meanwhile, or has ended since, is left alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from watchbill.alerts import marks, states
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.marks import Mark
from watchbill.alerts.states import AlertState
from watchbill.flows.send_alert import receive_alerts, resolve_alert
from watchbill.model.airflow_failures import FAILED_AT, TASK_FAILED, TYPE, Failed, of_dag, severity_of, task_failed
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert
from watchbill.model.settings import WatchSettings

MARK = "scan_failures"
FIRST = timedelta(minutes=15)  # how far back the first look of all goes
OVERLAP = timedelta(minutes=10)  # what a worker says late, or with a clock that is slow
SETTLE = timedelta(seconds=60)  # a callback knows more than we do: it comes first
SKEW = timedelta(seconds=30)  # between the clocks of those who tell
MOST_FAILURES = 1000  # in one look; the next goes on from there
MOST_DAGS = 100  # that are asked for a success in one look; in turn
UNTOLD = "Airflow has it as failed, and no callback told of it: its worker may have been killed"

log = structlog.get_logger("watchbill")


@dataclass(frozen=True)
class Seen:
    """A failed task instance or run, as Airflow's API shows it."""

    id: str
    failed: Failed
    ended_at: datetime
    run_type: str = ""


class AirflowApi(Protocol):
    """Raises WatchbillError."""

    def failed_tasks(self, since: datetime, until: datetime, most: int) -> list[Seen]: ...  # by their end
    def failed_runs(self, since: datetime, until: datetime, most: int) -> list[Seen]: ...
    def failed_task_of(self, dag_id: str, run_id: str) -> Failed | None: ...
    def last_success(self, dag_id: str, since: datetime) -> datetime | None: ...  # no backfill's
    def watched(self) -> Mapping[str, tuple[str, ...]]: ...  # tags by DAG, of those that say watch(dag), and of ours


@dataclass
class Scanned:
    told: list[str] = field(default_factory=list)  # names of what failed
    recovered: list[str] = field(default_factory=list)  # DAGs
    until: datetime | None = None


def scan_failures(api: AirflowApi, ledger: Ledger, alerting: Alerting | None, watch: WatchSettings, *,
                  now: datetime, tick: timedelta) -> Scanned:
    """Writes what is to be told; whoever calls dispatches. Raises WatchbillError, LedgerError."""
    with ledger.transaction(reads=True) as tx:
        mark = marks.read(tx, MARK)
    look = _Look(mark, now)
    look.at(api)
    found = _watched(look.new(), api, watch)
    with ledger.transaction() as tx:
        scanned = Scanned(until=look.until)
        known = states.sent_of_type(tx, TYPE, look.since - SKEW)
        turn = _turn(known, mark)
        if not marks.move(tx, MARK, mark, look.value() | {"asked": turn[-1] if turn else ""}, now=now):
            return Scanned()
        untold = [(one, severity) for one, severity in found if not _is_known(one, known)]
        alerts = _alerts(untold, api, now)
        receive_alerts(tx, alerts, alerting, now=now)
        scanned.told = [alert.title for alert in alerts]
    firing = known + [(AlertState(alert, states.SENT, "firing"), now) for alert in alerts]
    for dag_id in turn:
        if (at := _recovered(dag_id, firing, api)) is not None:
            for labels in of_dag(dag_id):
                resolve_alert(labels, ledger, alerting, now=now, tick=tick)
            scanned.recovered.append(dag_id)
            log.info("recovery_found", dag_id=dag_id, succeeded_at=at.isoformat())
    log.info("failures_scanned", until=look.until.isoformat(), failed=len(look.found), watched=len(found),
             told=scanned.told, recovered=scanned.recovered)
    return scanned


class _Look:
    """What is looked at this time, and where the next look begins."""

    def __init__(self, mark: Mark | None, now: datetime) -> None:
        value = mark.value if mark else {}
        last = datetime.fromisoformat(value["until"]) if value else now - FIRST
        self._seen: dict[str, str] = dict(value.get("seen", {}))
        # Where the last look could not see everything, what is older has been seen.
        self.since = last if value.get("behind") else last - OVERLAP
        self.until = max(now - SETTLE, last)
        self.behind = False
        self.found: list[Seen] = []

    def at(self, api: AirflowApi) -> None:
        tasks = api.failed_tasks(self.since, self.until, MOST_FAILURES)
        runs = api.failed_runs(self.since, self.until, MOST_FAILURES)
        for full in (each for each in (tasks, runs) if len(each) >= MOST_FAILURES):
            self.until, self.behind = min(self.until, full[-1].ended_at), True
        self.found = [one for one in (*tasks, *runs) if one.ended_at <= self.until]

    def new(self) -> list[Seen]:
        return [one for one in self.found if one.id not in self._seen]

    def value(self) -> dict[str, Any]:
        seen = self._seen | {one.id: one.ended_at.isoformat() for one in self.found}
        oldest = self.until - OVERLAP
        return {"until": self.until.isoformat(), "behind": self.behind,
                "seen": {name: at for name, at in seen.items() if datetime.fromisoformat(at) >= oldest}}


def _watched(new: Sequence[Seen], api: AirflowApi, watch: WatchSettings) -> list[tuple[Seen, str]]:
    """Those that somebody is to hear of, with the severity; nobody is paged for the past."""
    live = [one for one in new if one.run_type != "backfill"]
    if not live:
        return []
    tags = api.watched()
    return [(one, severity_of(tags.get(one.failed.dag_id), watch.severity)) for one in live
            if watch.dags == "all" or one.failed.dag_id in tags]


def _is_known(one: Seen, known: Iterable[tuple[AlertState, datetime]]) -> bool:
    """Whether it was told: its alert has had a later word, or has ended after it."""
    return any(_last_word(state, said) >= one.ended_at - SKEW
               or (state.state == "firing" and not one.failed.task_id)  # the run of a task that was told
               for state, said in known if _speaks_of(state.alert, one.failed))


def _speaks_of(alert: Alert, failed: Failed) -> bool:
    labels = alert.labels
    return (labels.get("alertname"), labels.get("dag_id")) == (TASK_FAILED, failed.dag_id) and (
        not failed.task_id or labels.get("task_id", "") == failed.task_id)


def _last_word(state: AlertState, said: datetime) -> datetime:
    """When it ended or, firing, when it failed last; a scan is late, and says so."""
    if state.state == "resolved":
        return state.alert.ends_at or said
    failed_at = state.alert.metadata.get(FAILED_AT)
    return datetime.fromisoformat(failed_at) if failed_at else said


def _alerts(untold: Iterable[tuple[Seen, str]], api: AirflowApi, now: datetime) -> list[Alert]:
    """One for each; a run's own only where none of its tasks can be named."""
    found: list[Alert] = []
    runs: set[tuple[str, str]] = set()
    for one, severity in sorted(untold, key=lambda each: (not each[0].failed.task_id, each[0].ended_at)):
        failed, run = one.failed, (one.failed.dag_id, one.failed.run_id)
        if not failed.task_id:
            if run in runs:
                continue
            failed = api.failed_task_of(*run) or failed
        runs.add(run)
        found.append(task_failed(failed, severity, UNTOLD, now=now, at=one.ended_at))
    return list({alert.fingerprint: alert for alert in found}.values())


def _turn(known: Iterable[tuple[AlertState, datetime]], mark: Mark | None) -> list[str]:
    """The DAGs with a firing alert that are asked for a success this time."""
    names = sorted({state.alert.labels["dag_id"] for state, _ in known
                    if state.state == "firing" and "dag_id" in state.alert.labels})
    asked = mark.value.get("asked", "") if mark and len(names) > MOST_DAGS else ""
    return [*(name for name in names if name > asked), *(name for name in names if name <= asked)][:MOST_DAGS]


def _recovered(dag_id: str, known: Iterable[tuple[AlertState, datetime]], api: AirflowApi) -> datetime | None:
    """When a run of the DAG succeeded after its last failure."""
    words = [_last_word(state, said) for state, said in known
             if state.state == "firing" and state.alert.labels.get("dag_id") == dag_id]
    return api.last_success(dag_id, max(words)) if words else None
