"""Lake -> the log: which series lack points that should be there, and which time was never collected."""

from collections.abc import Collection
from typing import Any

import structlog

from watchbill.flows.coverage import WHOLE
from watchbill.lake.lake import Lake
from watchbill.model.series import Series, Source
from watchbill.model.windows import Window

log = structlog.get_logger("watchbill")


def tell_gaps(source: Source, window: Window, lake: Lake, keys: Collection[int]) -> dict[str, Any] | None:
    """Logs every span of the window that was never collected, and every one for which the source had no points of the
    series with these keys. None where there is no such span.
    """
    found = lake.gaps(source, WHOLE, window.start, window.end,
                      [each for each in lake.series(source) if each.key in keys])
    none: dict[str, list[str]] = {}
    for one in found.missing:
        none.setdefault(label(one.series), []).append(str(one.window))
    if not found.holes and not none:
        return None
    told = {"never_collected": [str(hole.window) for hole in found.holes], "source_has_none": none,
            "points": sum(one.points for one in found.missing)}
    log.info("gaps_found", source=source, window=str(window), **told)
    return told


def label(series: Series) -> str:
    """`shop.errors Sum 60s {service=checkout}`: a series in one line of a log."""
    scope = ",".join(f"{name}={value}" for name, value in series.dimensions)
    return f"{series.namespace}.{series.metric} {series.statistic} {series.period_s}s {{{scope}}}"
