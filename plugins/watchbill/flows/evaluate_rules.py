"""Lake -> alert states: judges what is due and writes where every rule stands. The first of two phases.

Reading and judging come first, without a lock; then one transaction writes everything, so that dispatch
never sees half an evaluation. A rule that another run has judged meanwhile is left as it is.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from time import perf_counter

import structlog

from watchbill.alerts import instances
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.rule_clock import due
from watchbill.flows.composites import Standings
from watchbill.flows.coverage import collected_windows
from watchbill.flows.judge_rules import judge_all
from watchbill.flows.rule_states import Due, Evaluated, retire_rules, write
from watchbill.lake.lake import Lake
from watchbill.model.metrics import MetricEntry
from watchbill.model.rules import AnyCondition, Metric, Rule, RuleGroup, family, named
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
    rules = named(groups)
    asked = {name: one for name, one in with_sources(rules, found).items() if sources is None or {*sources} & {*one}}
    waiting, standings = _waiting(rules, asked, settings, entries, ledger, at, found)
    waiting = leave_collected(waiting, lake, settings.tick, found, sources)
    judged = judge_all(waiting, lake, found.failed, standings)
    with ledger.transaction() as tx:
        write(tx, judged, found, now)
        if retire:
            retire_rules(tx, groups, at, now, found)
    _tell(found, at, perf_counter() - started)
    return found


def _waiting(
    rules: Mapping[str, tuple[RuleGroup, Rule]], asked: Mapping[str, tuple[Source, ...]], settings: Settings,
    entries: Collection[MetricEntry], ledger: Ledger, at: datetime, found: Evaluated,
) -> tuple[list[Due], Standings]:
    """The rules that are due, with their times, and where all stand."""
    composed = {below for name in asked for below in family(name, rules)[:-1]}
    with ledger.transaction(reads=True) as tx:
        clocks, known = instances.clocks(tx), instances.load(tx, asked.keys())
        stored = instances.labels(tx, composed) if composed else {}
    waiting = []
    for name, needed in asked.items():
        (group, rule), clock = rules[name], clocks.get(name)
        interval = group.interval or settings.tick
        delay = max(delay_of(rules[one][1].condition, entries, settings) for one in family(name, rules))
        if times := due(clock.last if clock else None, at, interval, delay):
            waiting.append(Due(name, rule, interval, clock, times, known[name], needed))
    found.skipped += len(asked) - len(waiting)
    return waiting, Standings(rules, stored)


def with_sources(
    rules: Mapping[str, tuple[RuleGroup, Rule]], found: Evaluated,
) -> dict[str, tuple[Source, ...]]:
    """What each rule needs, a composite what its alerts need. One that is composed of itself is not judged."""
    needed: dict[str, tuple[Source, ...]] = {}
    for name in rules:
        try:
            every = {source for one in family(name, rules) for source in rules[one][1].condition.sources}
        except ValueError as error:
            found.failed[name] = str(error)
        else:
            needed[name] = tuple(sorted(every))
    return needed


def delay_of(condition: AnyCondition, entries: Collection[MetricEntry], settings: Settings) -> timedelta:
    """Until when the points that the condition judges have settled: the latest of those who collect its metrics."""
    own = [_settles(metric, entries, settings) for metric in condition.metrics.values()]
    return max(own or [settings.delay(source) for source in condition.sources], default=timedelta(0))


def _settles(metric: Metric, entries: Iterable[MetricEntry], settings: Settings) -> timedelta:
    own = [settings.delay(metric.source) if entry.delay is None else entry.delay for entry in entries
           if metric.source in entry.sources and entry.namespace == metric.namespace
           and any(fnmatchcase(metric.metric, name) for name in entry.metrics)]
    return max(own, default=settings.delay(metric.source))


def leave_collected(waiting: list[Due], lake: Lake, tick: timedelta, found: Evaluated,
               sources: Collection[Source] | None) -> list[Due]:
    """Leaves each rule the times at which its sources had brought the tick before; names those that miss the newest.

    A source that nobody asked to be judged now comes by itself: its rules wait for it without a word.
    """
    for source in sorted({source for one in waiting for source in one.sources}):
        theirs = [one for one in waiting if source in one.sources and one.times]
        if not theirs:
            continue
        span = Window(min(one.times[0] for one in theirs) - tick, max(one.times[-1] for one in theirs))
        whole = collected_windows(source, span, lake)
        for one in theirs:
            newest = one.times[-1]
            came = [time for time in one.times if any(each.start <= time - tick and time <= each.end for each in whole)]
            if newest not in came and (sources is None or source in sources):
                found.failed[one.name] = f"{source} was not collected for {newest:%Y-%m-%dT%H:%M:%SZ}"
            if one.rule.treat_missing_data != "breaching":
                one.times = came
    return [one for one in waiting if one.times]


def _tell(found: Evaluated, at: datetime, duration_s: float) -> None:
    for rule, why in found.failed.items():
        log.error("evaluation_failed", rule=rule, error=why, kept="the state as it was")
    log.info("rules_evaluated", at=at.isoformat(), rules=found.rules, evaluations=found.evaluations,
             skipped=found.skipped, failed=len(found.failed), **found.states, changed=found.changed,
             changes=found.changes,
             duration_s=round(duration_s, 3))
