"""What a metric widget has beside its lines: axes, annotations, a legend, a table; each yields what is wrong.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.cloudwatch.findings import Finding, Findings, array, one_of, required, text, typed

SIDES = ("left", "right")


def axes(path: str, given: Mapping[str, Any]) -> Findings:
    yield from typed(path, given, "object", "yAxis")
    both = given.get("yAxis", {})
    if not isinstance(both, dict):
        return
    for side in SIDES:
        yield from typed(f"{path}/yAxis", both, "object", side)
        yield from typed(f"{path}/yAxis/{side}", both.get(side), "number", "min", "max")
        yield from text(f"{path}/yAxis/{side}", both.get(side), "label")
        yield from typed(f"{path}/yAxis/{side}", both.get(side), "boolean", "showUnits")
    if given.get("view") == "gauge":
        yield from _range(path, given, both)


def _range(path: str, given: Mapping[str, Any], both: Mapping[str, Any]) -> Findings:
    """A gauge has to know where it begins and ends."""
    yield from required(path, given, "yAxis")
    if "yAxis" in given:
        yield from required(f"{path}/yAxis", both, "left")
    if isinstance(both.get("left"), dict):
        yield from required(f"{path}/yAxis/left", both["left"], "min", "max")


def annotations(path: str, given: Any) -> Findings:
    if not isinstance(given, dict):
        yield Finding(path, "Should be object")
        return
    if "alarms" in given:
        yield from array(f"{path}/alarms", given["alarms"], 1, fewest=1)
        if given.get("horizontal") or given.get("vertical"):
            yield Finding(path, "Should NOT have an alarm and other annotations at once")
    fills = {"horizontal": ("above", "below", "none"), "vertical": ("before", "after", "none")}
    for kind, member in (("horizontal", "number"), ("vertical", "string")):
        yield from array(f"{path}/{kind}", given.get(kind, []), None)
        for at, edge in _edges(f"{path}/{kind}", given.get(kind)):
            yield from required(at, edge, "value")
            yield from typed(at, edge, member, "value")
            yield from text(at, edge, "label", "color")
            yield from typed(at, edge, "boolean", "visible")
            yield from one_of(at, edge, "fill", fills[kind])
            yield from one_of(at, edge, "yAxis", SIDES)


def _edges(path: str, marks: Any) -> Iterator[tuple[str, Any]]:
    """A band is a list of two."""
    for at, mark in enumerate(marks if isinstance(marks, list) else []):
        if isinstance(mark, list):
            yield from ((f"{path}/{at}/{edge}", each) for edge, each in enumerate(mark))
        else:
            yield f"{path}/{at}", mark


def legend(path: str, given: Mapping[str, Any]) -> Findings:
    yield from typed(path, given, "object", "legend")
    yield from one_of(f"{path}/legend", given.get("legend"), "position", ("right", "bottom", "hidden"))


def table(path: str, given: Mapping[str, Any]) -> Findings:
    yield from typed(path, given, "object", "table")
    held, at = given.get("table"), f"{path}/table"
    yield from one_of(at, held, "layout", ("vertical", "horizontal"))
    yield from typed(at, held, "boolean", "stickySummary", "showTimeSeriesData")
    columns = held.get("summaryColumns") if isinstance(held, dict) else None
    for place, column in enumerate(columns if isinstance(columns, list) else []):
        if column not in ("MIN", "MAX", "SUM", "AVG"):
            yield Finding(f"{at}/summaryColumns/{place}", "Should be equal to one of the allowed values")
