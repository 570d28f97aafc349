"""Lake -> alert states: judges what is due and writes where every rule stands. The first of two phases.

Reading and judging come first, without a lock; then one transaction writes everything, so that dispatch
never sees half an evaluation. A rule that another run has judged meanwhile is left as it is.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from time import perf_counter

import structlog

from watchbill.alerts import instances
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.rule_clock import due
from watchbill.flows.coverage import collected_windows
from watchbill.flows.judge_rules import judge_all
from watchbill.flows.rule_states import Due, Evaluated, retire_rules, write
from watchbill.lake.lake import Lake
from watchbill.model.metrics import MetricEntry
from watchbill.model.rules import Condition, Rule, RuleGroup
from watchbill.model.series import Source
from watchbill.model.settings import Settings
from watchbill.model.windows import Window

log = structlog.get_logger("watchbill")


def evaluate_rules(
    groups: Collection[RuleGroup], settings: Settings, lake: Lake, ledger: Ledger, *, at: datetime,
    now: datetime, sources: Collection[Source] | None = None, retire: bool = False,
    entries: Collection[MetricEntry] = (),
) -> Evaluated:
    """Judges every rule up to `at`, the interval's end, less its source's delay, or that of the entries that collect
    its metric. Raises LedgerError.

    `sources`: only their rules (None: all). A time whose tick the source did not bring is not judged, and a rule
    whose part of the lake cannot be read keeps its state and is made up for later: a source that failed neither
    fires nor resolves. But a rule that takes missing data for breaching is judged all the same, because to it no
    data is bad whatever the reason. `retire`: true where every rule file could be read; alerts of rules that are
    gone then resolve.
    """
    started, found = perf_counter(), Evaluated()
    rules = _declared(groups, settings, sources)
    with ledger.transaction(reads=True) as tx:
        clocks, known = instances.clocks(tx), instances.load(tx, rules.keys())
    waiting = []
    for name, (rule, interval) in rules.items():
        clock = clocks.get(name)
        times = due(clock.last if clock else None, at, interval, _delay(rule.condition, entries, settings))
        if times:
            waiting.append(Due(name, rule, interval, clock, times, known[name]))
    found.skipped += len(rules) - len(waiting)
    waiting = _collected(waiting, lake, settings.tick, found)
    judged = judge_all(waiting, lake, found.failed)
    with ledger.transaction() as tx:
        write(tx, judged, found, now)
        if retire:
            retire_rules(tx, groups, at, now, found)
    _tell(found, at, perf_counter() - started)
    return found


def _delay(condition: Condition, entries: Iterable[MetricEntry], settings: Settings) -> timedelta:
    """Until when the points that the condition judges have settled: the latest of those who collect its metric."""
    own = [settings.delay(condition.source) if entry.delay is None else entry.delay for entry in entries
           if condition.source in entry.sources and entry.namespace == condition.namespace
           and any(fnmatchcase(condition.metric, name) for name in entry.metrics)]
    return max(own, default=settings.delay(condition.source))


def _declared(
    groups: Collection[RuleGroup], settings: Settings, sources: Collection[Source] | None,
) -> dict[str, tuple[Rule, timedelta]]:
    """Rules by name, with the interval at which each is judged."""
    return {f"{group.name}/{rule.alert}": (rule, group.interval or settings.tick)
            for group in groups for rule in group.rules
            if sources is None or rule.condition.source in sources}


def _collected(waiting: list[Due], lake: Lake, tick: timedelta, found: Evaluated) -> list[Due]:
    """Leaves each rule the times at which its source had brought the tick before; names those that miss the newest."""
    for source in {one.rule.condition.source for one in waiting}:
        theirs = [one for one in waiting if one.rule.condition.source == source]
        span = Window(min(one.times[0] for one in theirs) - tick, max(one.times[-1] for one in theirs))
        whole = collected_windows(source, span, lake)
        for one in theirs:
            newest = one.times[-1]
            if one.rule.treat_missing_data != "breaching":
                one.times = [time for time in one.times
                             if any(each.start <= time - tick and time <= each.end for each in whole)]
            if newest not in one.times:
                found.failed[one.name] = f"{source} was not collected for {newest:%Y-%m-%dT%H:%M:%SZ}"
    return [one for one in waiting if one.times]


def _tell(found: Evaluated, at: datetime, duration_s: float) -> None:
    for rule, why in found.failed.items():
        log.error("evaluation_failed", rule=rule, error=why, kept="the state as it was")
    log.info("rules_evaluated", at=at.isoformat(), rules=found.rules, evaluations=found.evaluations,
             skipped=found.skipped, failed=len(found.failed), **found.states, changed=found.changed,
             changes=found.changes,
             duration_s=round(duration_s, 3))
