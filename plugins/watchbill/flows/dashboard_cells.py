"""Widgets -> the cells of a picture: lines become charts and numbers; what the lake cannot show says why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from watchbill.flows.lake_lines import Read, missing
from watchbill.graphs.board.colours import REST, SEVERITIES
from watchbill.graphs.board.sheet import (
    Amount,
    Amounts,
    Axis,
    Chart,
    Content,
    Curve,
    Gap,
    Kind,
    Level,
    Moment,
    Prose,
)
from watchbill.graphs.lines.widget import Drawn, Lines, lines, sum_of
from watchbill.lake.lake import Lake
from watchbill.model.clouds import NAMES
from watchbill.model.dashboards import (
    AlarmWidget,
    LogWidget,
    MetricWidget,
    Placed,
    RawWidget,
    TextWidget,
    View,
    Widget,
)
from watchbill.model.dashboards.lines import COLORS
from watchbill.model.dashboards.marks import Annotation, Threshold
from watchbill.model.dashboards.marks import Axis as DeclaredAxis
from watchbill.model.windows import format_duration

CURVES, BANDS = 60, 20  # more are a carpet
AMOUNTS = 500
TRAIL = 120  # points
_KINDS: dict[View, Kind] = {"bar": "bar", "number": "number", "gauge": "gauge", "table": "table", "pie": "pie"}


def metric_content(read: Read, lake: Lake) -> tuple[Content, Lines]:
    """The lines too: a report tells their newest values in words."""
    widget = read.widget
    found = lines(widget, read.steps, read.fetch)
    if not any(one.value is not None for one in found.drawn):
        why = [*found.untold, *missing(read, lake)]
        return Gap("no data", "; ".join(dict.fromkeys(why)) or "no points in the time that is shown"), found
    return (_chart(read, found) if widget.is_over_time else _amounts(widget, found)), found


def other_content(widget: Widget) -> Content:
    match widget:
        case TextWidget():
            return Prose(widget.markdown)
        case LogWidget():
            asked = widget.cloudwatch.query if widget.cloudwatch else widget.datadog.query if widget.datadog else ""
            return Gap("logs are not in the lake", " ".join(asked.split())[:1000])
        case AlarmWidget():
            alarms = [arn.rpartition(":")[2] for arn in widget.cloudwatch.alarms] if widget.cloudwatch else []
            monitors = [str(widget.datadog.monitors)] if widget.datadog and not alarms else []
            return Gap("the state of alarms is shown in the cloud", ", ".join(alarms or monitors)[:1000])
        case RawWidget():
            return _raw(widget)
    return Gap("")


def subtitle(widget: Placed, read: Read | None = None, found: Lines | None = None) -> str:
    """How it differs from the picture around it."""
    said = [f"last {format_duration(widget.start)}"] if widget.start and read else []
    if read and read.steps.step_s > max(60, min(one.period_s or read.widget.period_s for one in read.widget.metrics)):
        said.append(f"every {format_duration(read.steps.window.length / read.steps.count)}")
    if len(widget.clouds) == 1:
        said.append(f"{NAMES[widget.clouds[0]]} only")
    if found and found.drawn and found.untold:
        said.append(f"{len(found.untold)} not drawn: {found.untold[0]}")
    return " · ".join(said)


def _raw(widget: RawWidget) -> Gap:
    if widget.cloudwatch:
        return Gap(f"drawn by CloudWatch alone: {widget.cloudwatch.get('type', 'widget')}")
    definition = (widget.datadog or {}).get("definition") or {}
    return Gap(f"drawn by Datadog alone: {definition.get('type', 'widget')}", str(definition.get("title") or ""))


def _chart(read: Read, found: Lines) -> Chart:
    widget, drawn = read.widget, [one for one in found.drawn if one.value is not None]
    is_area = widget.view == "area"
    kept = _highest(drawn, BANDS if is_area else CURVES)
    curves = [_curve(one) for one in kept]
    more = len(drawn) - len(kept) + found.total - len(found.drawn)
    left_out = [one for one in drawn if one not in kept]
    if is_area and left_out:
        rest = sum_of(left_out, read.steps.count)
        curves.append(Curve(f"{len(left_out)} more", rest.to_pylist(), REST))
        more -= len(left_out)
    return Chart(
        curves, read.steps.start, read.steps.step_s, "area" if is_area else "line", more=more,
        levels=[_level(one) for one in widget.thresholds if one.visible],
        moments=[_moment(one) for one in widget.annotations if one.visible],
        left=_axis(widget.axis.left, kept, on_right=False), right=_axis(widget.axis.right, kept, on_right=True),
        legend=widget.legend or "bottom",
    )


def _highest(drawn: Sequence[Drawn], most: int) -> list[Drawn]:
    """Those that reach highest, in the order in which they are declared."""
    if len(drawn) <= most:
        return list(drawn)
    import pyarrow.compute as pc

    reach = {id(one): float(pc.max(one.values).as_py()) for one in drawn}
    best = {id(one) for one in sorted(drawn, key=lambda one: -reach[id(one)])[:most]}
    return [one for one in drawn if id(one) in best]


def _curve(one: Drawn) -> Curve:
    return Curve(one.name, one.values.to_pylist(), one.colour, one.on_right, one.value)


def _amounts(widget: MetricWidget, found: Lines) -> Amounts:
    kept, rest = found.drawn[:AMOUNTS], found.drawn[AMOUNTS:]
    is_alone = len(found.drawn) == 1 and widget.view in ("number", "gauge")
    trails = widget.view == "number" and len(kept) <= 12
    return Amounts(
        _KINDS[widget.view],
        [Amount("" if is_alone and one.name == widget.title else one.name, one.value, one.unit, one.colour,
                _trail(one.values) if trails else ()) for one in kept],
        more=len(rest) + found.total - len(found.drawn), rest=sum(one.value or 0.0 for one in rest),
        levels=[_level(one) for one in widget.thresholds if one.visible],
        low=widget.axis.left.min, high=widget.axis.left.max, columns=("series", widget.aggregate),
    )


def _trail(values: Any) -> list[float | None]:
    every = max(1, len(values) // TRAIL)
    return values.to_pylist()[::every]  # type: ignore[no-any-return]


def _level(threshold: Threshold) -> Level:
    colour = COLORS.get(threshold.color or "", threshold.color or SEVERITIES[threshold.severity])
    return Level(threshold.value, threshold.to, threshold.label, colour, threshold.fill or "",
                 threshold.axis == "right")


def _moment(annotation: Annotation) -> Moment:
    at: datetime = annotation.at
    return Moment(at, annotation.label, COLORS.get(annotation.color or "", annotation.color or ""), annotation.to)


def _axis(declared: DeclaredAxis, drawn: Sequence[Drawn], *, on_right: bool) -> Axis:
    units = {one.unit for one in drawn if one.on_right == on_right}
    return Axis(declared.min, declared.max, declared.label, units.pop() if len(units) == 1 else "",
                declared.scale == "log")
