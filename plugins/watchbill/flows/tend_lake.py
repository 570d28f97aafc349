"""Lake -> the same lake in fewer files, once a day is over, without what is too old and with old points folded."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import structlog

from watchbill.lake.lake import Lake
from watchbill.lake.thin import Keeping, Thinned, unfoldable
from watchbill.lake.upkeep import over
from watchbill.model.metrics import Downsample, MetricEntry
from watchbill.model.series import SOURCES, Series, Source
from watchbill.model.settings import LakeSettings, Settings
from watchbill.sources.datadog.queries import answers

MIGRATED_A_NIGHT = 14
"""Days of an older version that one run rewrites: a year takes a month, and no night takes long."""

log = structlog.get_logger("watchbill")


def tend_lake(lake: Lake, *, now: datetime, settings: Settings,
              entries: Sequence[MetricEntry] | None) -> dict[str, Any]:
    """Drops and folds what `retention` and `downsample` say, of the lake or of the entry; compacts the other days.
    Without entries it is not known what holds for which metric: nothing is dropped or folded.

    Raises LakeError; running it again goes on where it stopped.
    """
    report: dict[str, Any] = {"days": [], "migrated": [], "expired": [], "thinned": [], "points_dropped": 0,
                              "points_folded": 0, "points_made": 0, "not_folded": [], "undeclared": entries is None}
    expired, not_folded = set[date](), set[str]()
    for source in SOURCES:
        series = lake.series(source) if entries is not None else []
        keepings = {one.key: keeping(one, settings.lake, entries or ()) for one in series}
        expired.update(() if entries is None else _expire(lake, source, keepings, settings.lake, now))
        for done in _thin(lake, source, keepings, now):
            report["thinned"].append(f"{source} {done.day}")
            report["points_dropped"] += done.dropped
            report["points_folded"] += done.folded
            report["points_made"] += done.made
        not_folded.update(unfoldable(series, keepings))
        report["days"] += [f"{source} {day}" for day in _compact(lake, source, now)]
        report["migrated"] += [f"{source} {day}" for day in migrate(lake, source, now, at_most=MIGRATED_A_NIGHT)]
    report["series_files_replaced"] = sum(lake.compact_series(source, now=now) for source in SOURCES)
    report |= {"expired": [str(day) for day in sorted(expired)], "not_folded": sorted(not_folded)}
    log.info("lake_tended", **report)
    return report


def keeping(series: Series, lake: LakeSettings, entries: Sequence[MetricEntry]) -> Keeping:
    """What holds for a series: of several entries the one that keeps it longer and finer. Raises LakeError.

    An entry speaks for its series in every period: its history may be coarser, and so is what was folded.
    """
    mine = [entry for entry in entries if _collects(entry, replace(series, period_s=entry.period_s))]
    retentions = [entry.retention or lake.retention for entry in mine] or [lake.retention]
    folds = [entry.downsample or lake.downsample for entry in mine] or [lake.downsample]
    fold = _gentlest(folds)
    return Keeping(_longest(retentions), fold.after if fold else None,
                   int(fold.period.total_seconds()) if fold else 0)


def _collects(entry: MetricEntry, series: Series) -> bool:
    return answers(entry, series) if entry.query else entry.collects(series)


def days_to_migrate(lake: Lake, source: Source, now: datetime) -> tuple[list[date], list[date]]:
    """The days of an older version that are over, and those that are not and will be compacted when they are."""
    every = lake.days_to_migrate(source)
    return [day for day in every if day < over(now)], [day for day in every if day >= over(now)]


def migrate(lake: Lake, source: Source, now: datetime, *, at_most: int) -> list[date]:
    """Rewrites days of an older version in the newest one; which they were."""
    due = days_to_migrate(lake, source, now)[0][:at_most]
    for day in due:
        lake.compact(source, day, now=now)
    return due


def _expire(lake: Lake, source: Source, keepings: Mapping[int, Keeping], settings: LakeSettings,
            now: datetime) -> list[date]:
    """Whole days, older than the longest retention that any series has."""
    longest = _longest([each.retention for each in keepings.values()] or [settings.retention])
    return lake.expire(longest, now=now, sources=[source]) if longest else []


def _thin(lake: Lake, source: Source, keepings: Mapping[int, Keeping], now: datetime) -> list[Thinned]:
    days = lake.days_to_thin(source, keepings.values(), now=now)
    done = [lake.thin(source, day, keepings, now=now) for day in days]
    return [each for each in done if each.dropped or each.folded]


def _compact(lake: Lake, source: Source, now: datetime) -> list[date]:
    due = lake.days_to_compact(source, over(now))
    for day in due:
        lake.compact(source, day, now=now)
    return due


def _longest(spans: Sequence[timedelta | None]) -> timedelta | None:
    """None, which is for ever, where one of them is."""
    named = [span for span in spans if span is not None]
    return max(named) if len(named) == len(spans) else None


def _gentlest(folds: Sequence[Downsample | None]) -> Downsample | None:
    """The latest, of these the finest; None where one is."""
    named = [fold for fold in folds if fold is not None]
    return max(named, key=lambda fold: (fold.after, -fold.period)) if len(named) == len(folds) else None
