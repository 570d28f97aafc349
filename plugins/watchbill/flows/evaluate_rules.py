"""Lake -> alert states: judges what is due and writes where every rule stands. The first of two phases.

Reading and judging come first, without a lock; then one transaction writes everything, so that dispatch
never sees half an evaluation. A rule that another run has judged meanwhile is left as it is.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from time import perf_counter

import structlog

from watchbill.alerts import instances
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.rule_clock import due
from watchbill.flows.rule_states import Due, Evaluated, judge, retire_rules, write
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError
from watchbill.model.rules import Condition, Rule, RuleGroup
from watchbill.model.series import Source
from watchbill.model.settings import Settings
from watchbill.model.windows import Window
from watchbill.rules.select import read_window, select

log = structlog.get_logger("watchbill")


def evaluate_rules(
    groups: Collection[RuleGroup], settings: Settings, lake: Lake, ledger: Ledger, *, at: datetime,
    now: datetime, failed_sources: Collection[Source] = (), sources: Collection[Source] | None = None,
    retire: bool = False,
) -> Evaluated:
    """Judges every rule up to `at`, the interval's end, less its source's delay. Raises LedgerError.

    `sources`: only their rules (None: all). A rule of a failed source, or one whose part of the lake cannot
    be read, keeps its state and its clock, and is made up for later; but one that takes missing data for
    breaching is judged, because to it no data is bad whatever the reason. `retire`: true where every rule file
    could be read; alerts of rules that are gone then resolve.
    """
    started, found = perf_counter(), Evaluated()
    rules = _declared(groups, settings, sources)
    with ledger.transaction(reads=True) as tx:
        clocks, known = instances.clocks(tx), instances.load(tx, rules.keys())
    waiting = []
    for name, (rule, interval) in rules.items():
        last, delay = clocks.get(name), settings.delay(rule.condition.source)
        times = due(last, at, interval, delay)
        if rule.condition.source in failed_sources and rule.treat_missing_data != "breaching":
            found.failed[name] = f"{rule.condition.source} failed"
        elif times:
            waiting.append(Due(name, rule, interval, last, times, before=known[name]))
        else:
            found.skipped += 1
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


def _declared(
    groups: Collection[RuleGroup], settings: Settings, sources: Collection[Source] | None,
) -> dict[str, tuple[Rule, timedelta]]:
    """Rules by name, with the interval at which each is judged."""
    return {f"{group.name}/{rule.alert}": (rule, group.interval or settings.tick)
            for group in groups for rule in group.rules
            if sources is None or rule.condition.source in sources}


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
