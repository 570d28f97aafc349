"""Lake and ledger -> alerts about ourselves: rules that nobody judges any more, sources that nobody collects.

Run by a DAG that needs neither collection nor evaluation, and told through the router like every other alert. After a
hole in its own runs it gives the others as long as it allows them, so that a restart of Airflow pages nobody.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from watchbill.alerts import marks, vitals
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.marks import Mark
from watchbill.alerts.vitals import Vitals
from watchbill.flows.coverage import collected_windows
from watchbill.flows.send_alert import receive_alerts, resolve_alert
from watchbill.lake.lake import Lake
from watchbill.model.airflow_failures import EXPIRY
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert
from watchbill.model.metrics import MetricEntry
from watchbill.model.rules import RuleGroup, named
from watchbill.model.series import Source
from watchbill.model.settings import Settings
from watchbill.model.windows import Window, format_duration

MARK = "dead_man"
NOT_EVALUATED, NOT_COLLECTED = "WatchbillNotEvaluated", "WatchbillNotCollected"
TYPE = "watchbill"
REACH = timedelta(hours=6)  # how far back a newest window is looked for, at least

log = structlog.get_logger("watchbill")


@dataclass(frozen=True)
class Pulse:
    """One thing that has to be done again and again."""

    alertname: str
    label: str  # group | source
    name: str
    last: datetime  # when it was done or, where that was never or too long ago to be seen, when we began to look
    seen: bool  # whether it was done
    allowed: timedelta
    said: str  # what has not been done, as a sentence without its end

    @property
    def labels(self) -> dict[str, str]:
        return {"alertname": self.alertname, self.label: self.name}

    def is_well(self, now: datetime) -> bool:
        return self.seen and now - self.last <= self.allowed


@dataclass
class DeadMan:
    """What was found; `lags_s` in seconds by name, of sources and of the rule that lags most."""

    vitals: Vitals
    overdue: list[str] = field(default_factory=list)
    lags_s: dict[str, float] = field(default_factory=dict)


def check_dead_man(
    groups: Collection[RuleGroup], entries: Collection[MetricEntry], settings: Settings, lake: Lake, ledger: Ledger,
    alerting: Alerting | None, *, now: datetime,
) -> DeadMan:
    """Writes and ends alerts; whoever calls dispatches. Raises LedgerError, LakeError."""
    with ledger.transaction(reads=True) as tx:
        mark, found = marks.read(tx, MARK), vitals.read(tx)
    began = _Began(mark, settings, now)
    sources = [pulse_of_source(source, settings, lake, began) for source in sorted(
        {source for entry in entries for source in entry.sources})]
    late = {pulse.name for pulse in sources if not pulse.is_well(now)}
    pulses = [*sources, *(pulse for group in groups if (pulse := pulse_of_group(group, settings, found, late, began)))]
    overdue = [pulse for pulse in pulses if now - max(pulse.last, began.looking) > pulse.allowed]
    with ledger.transaction() as tx:
        if marks.move(tx, MARK, mark, began.value(), now=now):
            receive_alerts(tx, [_alert(pulse, settings, now) for pulse in overdue], alerting, now=now)
    _end(pulses, {group.name for group in groups}, ledger, alerting, settings, now)
    for pulse in overdue:
        log.error("watch_overdue", **pulse.labels, last=pulse.last.isoformat(), seen=pulse.seen,
                  allowed_s=pulse.allowed.total_seconds())
    return DeadMan(found, [str(pulse.labels) for pulse in overdue], _lags(sources, found, now))


class _Began:
    """Since when we have looked without a hole, and since when we have looked for what was never seen."""

    def __init__(self, mark: Mark | None, settings: Settings, now: datetime) -> None:
        hole = settings.tick * settings.dead_man.intervals
        self._before = mark.value if mark and now - mark.updated_at <= hole else {}
        self._unseen: dict[str, datetime] = {}
        self.now = now
        self.looking = datetime.fromisoformat(self._before["looking"]) if self._before else now

    def of(self, name: str) -> datetime:
        known = self._before.get("unseen", {}).get(name)
        self._unseen[name] = datetime.fromisoformat(known) if known else self.now
        return self._unseen[name]

    def value(self) -> dict[str, Any]:
        return {"looking": self.looking.isoformat(),
                "unseen": {name: at.isoformat() for name, at in self._unseen.items()}}


def pulse_of_source(source: Source, settings: Settings, lake: Lake, began: _Began) -> Pulse:
    allowed = (1 + settings.dead_man.intervals) * settings.tick
    windows = collected_windows(source, Window(began.now - max(REACH, 4 * allowed), began.now), lake)
    last = windows[-1].end if windows else began.of(source)
    return Pulse(NOT_COLLECTED, "source", source, last, bool(windows), allowed, f"{source} has not been collected")


def pulse_of_group(group: RuleGroup, settings: Settings, found: Vitals, late: Collection[str],
                   began: _Began) -> Pulse | None:
    """Of its rule that waits longest. None where a source is late, and with it all that could be judged. A composite
    waits for its alerts, and these are told.
    """
    names = [name for name, (_, rule) in named([group]).items()
             if rule.condition.sources and not set(rule.condition.sources) & set(late)]
    if not names:
        return None
    interval = max(group.interval or settings.tick, settings.tick)
    allowed = settings.tick + settings.dead_man.intervals * interval
    last = min(found.judged.get(name) or began.of(name) for name in names)
    said = f"the rules of the group {group.name} have not been evaluated"
    return Pulse(NOT_EVALUATED, "group", group.name, last, all(name in found.judged for name in names), allowed,
                 said)


def _key(pulse: Pulse) -> str:
    return f"{pulse.label}:{pulse.name}"


def _alert(pulse: Pulse, settings: Settings, now: datetime) -> Alert:
    summary = f"{pulse.said} for {format_duration(timedelta(seconds=int((now - pulse.last).total_seconds())))}"
    return Alert(
        pulse.labels | {"severity": settings.dead_man.severity}, pulse.last, type=TYPE,
        metadata={"last": pulse.last.isoformat() if pulse.seen else "never seen"},
        annotations={"summary": summary[0].upper() + summary[1:], "description": _ADVICE[pulse.alertname]},
        ends_at=now + EXPIRY)


_ADVICE = {
    NOT_COLLECTED: "Is its DAG unpaused, and do the runs succeed? Rules on it are not judged meanwhile.",
    NOT_EVALUATED: "Is evaluate_alerts unpaused, and do its runs succeed? Nothing of this group can fire meanwhile.",
}


def _end(pulses: Collection[Pulse], groups: Collection[str], ledger: Ledger, alerting: Alerting | None,
         settings: Settings, now: datetime) -> None:
    """Resolves what does its work again, and what is no longer declared; not what only seems well after a hole."""
    watched = {_key(pulse): pulse for pulse in pulses}
    for state in ledger.alerts(["firing"]):
        labels = state.alert.labels
        if labels.get("alertname") not in _ADVICE:
            continue
        label = "source" if "source" in labels else "group"
        pulse = watched.get(f"{label}:{labels.get(label)}")
        waits = pulse is None and labels.get("group") in groups  # for its source
        if (pulse is None and not waits) or (pulse is not None and pulse.is_well(now)):
            resolve_alert(labels, ledger, alerting, now=now, tick=settings.tick)


def _lags(sources: Iterable[Pulse], found: Vitals, now: datetime) -> dict[str, float]:
    lags = {f"source.{pulse.name}": (now - pulse.last).total_seconds() for pulse in sources if pulse.seen}
    if found.judged:
        lags["rules"] = (now - min(found.judged.values())).total_seconds()
    return lags
