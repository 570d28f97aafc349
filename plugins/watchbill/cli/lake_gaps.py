"""`watchbill lake gaps`: what is not in the lake; exit code 1 where time between collections was never collected."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from watchbill.cli.lake_place import End, OneSource, Start, Url, open_lake
from watchbill.cli.options import HERE, Include, Json, check_order, told_errors
from watchbill.cli.printing import counted, print_json, print_table
from watchbill.model.series import SOURCES, Series
from watchbill.model.windows import Window, format_duration

if TYPE_CHECKING:
    from watchbill.lake.gaps import Gaps

_COLUMNS = ["source", "state", "start", "end", "points", "series"]


def gaps(source: OneSource = None, start: Start = None, end: End = None, include: Include = HERE, url: Url = "",
         as_json: Json = False) -> None:
    """Name what the lake does not hold.

    `not collected` is time that was never collected as a whole. `no points` is a series that was collected, and
    the source had none for it. Everything else is present. Without --start or --end, from the first collection
    of each source to its last.

    Ends with 1 where time was not collected that has collections before and after it.
    """
    check_order(start, end)
    from watchbill.flows.coverage import WHOLE  # pyarrow takes 200 ms, which --help can spare

    with told_errors():
        lake = open_lake(include, url)
        found = [lake.gaps(each, WHOLE, start, end) for each in SOURCES if source in (None, each)]
    if as_json:
        print_json({"ok": not any(map(_holed, found)), "sources": [_told(each) for each in found]})
    else:
        rows = [row for each in found for row in _rows(each)]
        if rows:
            print_table(_COLUMNS, rows)
        for each in found:
            typer.echo(_summary(each))
    if any(map(_holed, found)):
        raise typer.Exit(1)


def _holed(gaps: "Gaps") -> bool:
    return any(hole.between for hole in gaps.holes)


def _rows(gaps: "Gaps") -> Iterator[dict[str, Any]]:
    for hole in gaps.holes:
        yield {"source": gaps.source, "state": "not collected", **_span(hole.window), "points": None, "series": None}
    for gap in gaps.missing:
        yield {"source": gaps.source, "state": "no points", **_span(gap.window), "points": gap.points,
               "series": _label(gap.series)}


def _span(window: Window) -> dict[str, Any]:
    return {"start": window.start, "end": window.end}


def _label(series: Series) -> str:
    """`shop.errors Sum 60s {service=checkout} 123456789012 eu-west-1`"""
    scope = ",".join(f"{name}={value}" for name, value in series.dimensions)
    return (f"{series.namespace}.{series.metric} {series.statistic} {series.period_s}s {{{scope}}} "
            f"{series.account} {series.region}")


def _summary(gaps: "Gaps") -> str:
    if gaps.window is None:
        return f"{gaps.source}: nothing was collected there"
    lost, unknown = sum(gap.points for gap in gaps.missing), [hole.window.length for hole in gaps.holes]
    series = len({gap.series.key for gap in gaps.missing})
    return (f"{gaps.source}: {counted(gaps.present, 'point')} present; {lost} missing of {series} series, "
            f"which the source had not; {format_duration(sum(unknown, start=gaps.window.length * 0))} not collected")


def _told(gaps: "Gaps") -> dict[str, Any]:
    return {
        "source": gaps.source,
        **(_span(gaps.window) if gaps.window else {"start": None, "end": None}),
        "present": gaps.present,
        "not_collected": [{**_span(hole.window), "between_collections": hole.between} for hole in gaps.holes],
        "no_points": [{**_span(gap.window), "points": gap.points, **_record(gap.series)} for gap in gaps.missing],
    }


def _record(series: Series) -> dict[str, Any]:
    """In the words of a record."""
    return {"namespace": series.namespace, "name": series.metric, "dimensions": dict(series.dimensions),
            "statistic": series.statistic, "period": series.period_s, "account": series.account,
            "region": series.region}
