"""A dashboard that was read from one cloud -> one for the other, with a report of each widget.

A widget comes over where the same series, query or text is shown; what is lost of it is told. A line that is impossible
is left out alone where what it computes with stays in view, as a ratio beside its two numbers; otherwise its widget is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from watchbill.dashboards.convert.conversion import Converted, Report, verdict
from watchbill.dashboards.convert.fitting import fitted
from watchbill.dashboards.losses import losses
from watchbill.dashboards.reading import Family, Origin, Reading
from watchbill.dashboards.to_cloudwatch.reduced import is_many
from watchbill.model.dashboards import (
    Cloud,
    Dashboard,
    GroupWidget,
    LogWidget,
    Member,
    MetricWidget,
    Override,
    RawWidget,
    TextWidget,
    Variable,
    Widget,
    WidgetMetric,
)

Variables = Mapping[str, Variable]
Fill = Callable[[LogWidget], tuple[LogWidget | None, list[str]]]
"""A log widget with the words of the other cloud, or why there are none."""


@dataclass
class _Fate:
    """`kinds`: style, lossy or impossible, one for each of `told`."""

    widget: Widget | None
    told: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def note(self, kind: str, what: str) -> None:
        self.told.append(what)
        self.kinds.append(kind)

    def sentences(self, *, style: bool) -> tuple[str, ...]:
        """What makes it impossible first."""
        found = sorted(zip(self.kinds, self.told, strict=True), key=lambda one: one[0] != "impossible")
        return tuple(dict.fromkeys(what for kind, what in found if (kind == "style") == style))


def convert(reading: Reading, to: Cloud, name: str, fill: Fill) -> tuple[Dashboard, Report]:
    """The dashboard for `to` alone, without what is impossible there. `name`: for the report."""
    converter = _Converter(reading, to, fill)
    widgets = tuple(converter.widgets())
    given = reading.dashboard
    made = given.model_copy(update={"clouds": (to,), "widgets": widgets,
                                    "override": Override(**{to: getattr(given.override, to)})})
    lost = tuple(dict.fromkeys(one.what for one in reading.unsaid))
    return made, Report(name, reading.cloud, to, tuple(converter.converted), lost)


@dataclass
class _Converter:
    reading: Reading
    to: Cloud
    fill: Fill
    converted: list[Converted] = field(default_factory=list)

    def widgets(self) -> Iterator[Widget]:
        for at, widget in enumerate(self.reading.dashboard.widgets):
            path = f"widgets.{at}"
            if isinstance(widget, GroupWidget):
                self._note(path, widget, _Fate(widget))
                members = [self._one(f"{path}.widgets.{row}", one) for row, one in enumerate(widget.widgets)]
                kept: tuple[Member, ...] = tuple(one for one in members if one and not isinstance(one, GroupWidget))
                yield widget.model_copy(update={"widgets": kept, "override": self._own(widget), "clouds": ()})
            elif (made := self._one(path, widget)) is not None:
                yield made

    def _one(self, path: str, widget: Widget) -> Widget | None:
        origin = self._origin(path, widget)
        fate = self._fate(widget, origin)
        if "impossible" in fate.kinds:
            fate.widget = None
        self._note(path, widget, fate)
        return fate.widget

    def _origin(self, path: str, widget: Widget) -> Origin:
        """A declaration has none: its kinds are ours."""
        family: Family = widget.type if widget.type in ("metric", "log", "text") else "other"
        return self.reading.origins.get(path) or Origin(widget.type, family)

    def _fate(self, widget: Widget, origin: Origin) -> _Fate:
        fate = _Fate(self._plain(widget))
        for one in origin.unsaid:
            fate.note(one.kind, one.what)
        if isinstance(widget, RawWidget):
            return replace(fate, widget=None)
        if self.reading.cloud == "cloudwatch" and fate.widget is not None:
            self._fit(fate, fate.widget)
        if isinstance(widget, LogWidget):
            self._log(fate)
        if isinstance(fate.widget, MetricWidget):
            _without_broken(fate, origin)
        if fate.widget is not None and "impossible" not in fate.kinds:
            self._lost(fate)
        if isinstance(fate.widget, MetricWidget):
            fate.widget = _labelled(fate.widget, self.to)
        return fate

    def _fit(self, fate: _Fate, widget: Widget) -> None:
        made = fitted(widget, {one.name: one for one in self.reading.dashboard.variables})
        fate.widget = made.widget
        for one in made.unsaid:
            fate.note(one.kind, one.what)

    def _plain(self, widget: Widget) -> Widget:
        """Without what is meant for the cloud that it comes from alone."""
        plain: Widget = widget.model_copy(update={"override": self._own(widget), "clouds": ()})
        if isinstance(plain, MetricWidget):
            return plain.model_copy(update={"metrics": plain.lines(self.to)})
        return plain

    def _own(self, of: Widget) -> Override:
        return Override(**{self.to: getattr(of.override, self.to)})

    def _log(self, fate: _Fate) -> None:
        made, told = self.fill(fate.widget) if isinstance(fate.widget, LogWidget) else (None, [])
        for one in told:
            fate.note("lossy" if made else "impossible", one)
        if made and made.datadog and made.datadog.view == "number" and self.to == "cloudwatch":
            fate.note("style", "is a table of one row: Logs Insights has no large number")
        fate.widget = made.model_copy(update={self.reading.cloud: None}) if made else None

    def _lost(self, fate: _Fate) -> None:
        """What the renderer of the other cloud says; impossible lines may go alone."""
        variables = self.reading.dashboard.variables
        while isinstance(fate.widget, MetricWidget):
            rows = {int(one.path[1]): one.reason for one in losses(fate.widget, self.to, variables)
                    if one.kind == "impossible" and one.path[:1] == ("metrics",) and len(one.path) > 1}
            if not rows or not _leave_out(fate, rows):
                break
        if fate.widget is not None:
            for loss in losses(fate.widget, self.to, variables):
                is_style = loss.kind == "lossy" and loss.path[-1:] in (("color",), ("scale",))
                fate.note("style" if is_style else loss.kind, loss.reason)

    def _note(self, path: str, widget: Widget, fate: _Fate) -> None:
        origin = self._origin(path, widget)
        title = widget.title or (widget.markdown.strip().split("\n")[0][:60] if isinstance(widget, TextWidget) else "")
        self.converted.append(Converted(path, origin.kind, origin.family, title,
                                        verdict([kind for kind in fate.kinds if kind != "style"],
                                                raw=isinstance(widget, RawWidget)),
                                        fate.sentences(style=False), fate.sentences(style=True)))


def _without_broken(fate: _Fate, origin: Origin) -> None:
    """Lines that only their own cloud can say."""
    if origin.broken and not _leave_out(fate, origin.broken):
        for why in dict.fromkeys(origin.broken.values()):
            fate.note("impossible", why)


def _leave_out(fate: _Fate, rows: Mapping[int, str]) -> bool:
    """Whether the lines could go: the metrics that each computes with are shown beside it."""
    widget = fate.widget
    if not isinstance(widget, MetricWidget):
        return False
    kept = [line for row, line in enumerate(widget.metrics) if row not in rows]
    shown = {_base(line) for line in kept if line.visible and line.metric}
    gone = [line for row, line in enumerate(widget.metrics) if row in rows]
    if not shown or any(line.visible and not _bases(line, widget) <= shown for line in gone):
        return False
    if any(not line.visible for line in gone):
        return False
    used = {name for line in kept for name in line.inputs}
    final = tuple(line for line in kept if line.visible or line.id in used)
    fate.widget = widget.model_copy(update={"metrics": final})
    for row, why in rows.items():
        line = widget.metrics[row]
        fate.note("lossy", f"leaves out {line.label or line.expression or 'a line'}: {why}")
    return True


def _labelled(widget: MetricWidget, to: Cloud) -> MetricWidget:
    """CloudWatch calls a line by its id where Datadog says its query."""
    if to == "datadog":
        return widget
    lines = tuple(line.model_copy(update={"label": _label(line)})
                  if line.visible and not line.label and not is_many(line, widget) else line for line in widget.metrics)
    return widget.model_copy(update={"metrics": lines})


def _label(line: WidgetMetric) -> str:
    return line.datadog[:120] or line.metric


_Base = tuple[object, ...]
_UNKNOWN: _Base = ("unknown",)


def _bases(line: WidgetMetric, widget: MetricWidget) -> set[_Base]:
    """The metrics that a line computes with."""
    if not line.expression:
        return {_UNKNOWN}
    by_id = {one.id: one for one in widget.metrics if one.id}
    found: set[_Base] = set()
    for name in line.inputs:
        found |= {_base(by_id[name])} if by_id[name].metric else _bases(by_id[name], widget)
    return found


def _base(line: WidgetMetric) -> _Base:
    return (line.namespace, line.metric, tuple(sorted(line.dimensions.items())), line.statistic,
            line.aggregate_across, line.period)
