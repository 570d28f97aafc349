"""Lake -> the same lake in fewer files, once a day is over."""

from datetime import datetime
from typing import Any

import structlog

from watchbill.lake.lake import Lake
from watchbill.model.series import SOURCES

log = structlog.get_logger("watchbill")


def tend_lake(lake: Lake, *, now: datetime) -> dict[str, Any]:
    """Compacts the days before today. Raises LakeError; running it again goes on where it stopped."""
    days = [(source, day) for source in SOURCES for day in lake.days_to_compact(source, now.date())]
    for source, day in days:
        lake.compact(source, day, now=now)
    replaced = sum(lake.compact_series(source, now=now) for source in SOURCES)
    report = {"days": [f"{source} {day}" for source, day in days], "series_files_replaced": replaced}
    log.info("lake_tended", **report)
    return report
