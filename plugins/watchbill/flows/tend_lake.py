"""Lake -> the same lake in fewer files, once a day is over, and without the days that are too old."""

from datetime import datetime, timedelta
from typing import Any

import structlog

from watchbill.lake.lake import Lake
from watchbill.model.series import SOURCES

log = structlog.get_logger("watchbill")


def tend_lake(lake: Lake, *, now: datetime, retention: timedelta | None = None) -> dict[str, Any]:
    """Drops the days that ended before now - retention, compacts the others before today.

    Raises LakeError; running it again goes on where it stopped.
    """
    expired = lake.expire(retention, now=now) if retention else []
    days = [(source, day) for source in SOURCES for day in lake.days_to_compact(source, now.date())]
    for source, day in days:
        lake.compact(source, day, now=now)
    replaced = sum(lake.compact_series(source, now=now) for source in SOURCES)
    report = {"days": [f"{source} {day}" for source, day in days], "series_files_replaced": replaced,
              "expired": [str(day) for day in expired]}
    log.info("lake_tended", **report)
    return report
