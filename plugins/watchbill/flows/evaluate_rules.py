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
from watchbill.flows.rule_states import Due, Evaluated, judge, retire_rules, write
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError
from watchbill.model.metrics import MetricEntry
from watchbill.model.rules import Condition, Rule, RuleGroup
from watchbill.model.series import Source
from watchbill.model.settings import Settings
from watchbill.model.windows import Window
from watchbill.rules.select import read_window, select

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
    waiting = [Due(name, rule, interval, clocks.get(name), times, before=known[name])
               for name, (rule, interval) in rules.items()
               if (times := due(clocks.get(name), at, interval, _delay(rule.condition, entries, settings)))]
    found.skipped += len(rules) - len(waiting)
    waiting = _collected(waiting, lake, settings.tick, found)
    judged = _read(waiting, lake, found)
    for one in judged:
        judge(one)
    with ledger.transaction() as tx:
        for one in judged:
            write(tx, one, found, now)
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


def _read(waiting: list[Due], lake: Lake, found: Evaluated) -> list[Due]:
    """Gives each rule its series and points; rules of the same condition share one read of the lake."""
    alike: dict[str, list[Due]] = {}
    for one in waiting:
        condition = one.rule.condition
        alike.setdefault(repr((condition.source, condition.namespace, condition.metric, condition.statistic,
                               condition.period, sorted(condition.dimensions.items()))), []).append(one)
    readable = []
    for rules in alike.values():
        try:
            _read_alike(rules, lake)
        except LakeError as error:
            found.failed |= {one.name: str(error) for one in rules}
        else:
            readable += rules
    return readable


def _read_alike(rules: list[Due], lake: Lake) -> None:
    condition: Condition = rules[0].rule.condition
    series = select(condition, lake.series(condition.source, condition.namespace, condition.metric,
                                           condition.statistic, condition.dimensions))
    windows = [read_window(one.rule.condition, series, time)
               for one in rules for time in (one.times[0], one.times[-1])]
    whole = Window(min(window.start for window in windows), max(window.end for window in windows))
    points = lake.read(series, whole)
    for one in rules:
        one.series, one.points = series, points


def _tell(found: Evaluated, at: datetime, duration_s: float) -> None:
    for rule, why in found.failed.items():
        log.error("evaluation_failed", rule=rule, error=why, kept="the state as it was")
    log.info("rules_evaluated", at=at.isoformat(), rules=found.rules, evaluations=found.evaluations,
             skipped=found.skipped, failed=len(found.failed), **found.states, changes=found.changes,
             duration_s=round(duration_s, 3))
