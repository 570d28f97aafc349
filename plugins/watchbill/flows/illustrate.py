"""Between outbox and channel: the series of a notification's alerts, or what was computed of them, drawn.

A picture is never worth a late page. What takes too long or fails is left out and logged, and once a run's time for
pictures is spent, the rest of its notifications go without.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from threading import Thread
from time import perf_counter

import pyarrow as pa
import structlog

from watchbill.flows.judged_lines import JudgedLine, Judgement
from watchbill.graphs.draw import draw
from watchbill.graphs.graph import Graph, Line, Span, Zone
from watchbill.lake.lake import Lake
from watchbill.model.alerts import GRAPH, Alert, Notification, Picture
from watchbill.model.pictured import Pictured
from watchbill.model.series import Series
from watchbill.model.windows import Window

ONE_S, ALL_S = 8.0, 20.0  # seconds for one picture, and for those of a run
SERIES = 20
SPANS = 50
LEAST, MOST = timedelta(hours=1), timedelta(days=7)  # of what is shown before it fired, and in all
_ILLUSTRATED = ("slack", "email")

log = structlog.get_logger("watchbill")


class Illustrator:
    """Adds pictures to the notifications of one run.

    `open_lake` is called once, when the first is drawn, and `read_rules` when one needs what a rule has computed.
    """

    def __init__(
        self, open_lake: Callable[[], Lake], read_rules: Callable[[], Judgement], *, now: datetime,
        one_s: float = ONE_S, all_s: float = ALL_S,
    ) -> None:
        self._open_lake, self._read_rules = cache(open_lake), cache(read_rules)
        self._now, self._one_s, self._left_s = now, one_s, all_s

    def __call__(self, notification: Notification) -> Notification:
        """The same with a picture, where its channel takes one and its alerts say what to draw. Raises nothing."""
        channel = notification.channel
        if channel.kind not in _ILLUSTRATED or channel.options.get("graph") is False or self._left_s <= 0:
            return notification
        if not any(alert.metadata.get(GRAPH) for alert in notification.alerts):
            return notification
        drawn: list[Picture | None] = []
        started = perf_counter()
        # A read that hangs must hold nothing up: it is left to itself, and ends with the process.
        thread = Thread(target=self._attempt, args=(notification, drawn), daemon=True)
        thread.start()
        thread.join(min(self._one_s, self._left_s))
        self._left_s -= perf_counter() - started
        if thread.is_alive():
            self._left_s = 0
            log.warning("picture_left_out", id=notification.id, error=f"not drawn within {self._one_s:g} s")
        return replace(notification, picture=drawn[0]) if drawn else notification

    def _attempt(self, notification: Notification, drawn: list[Picture | None]) -> None:
        try:
            lake = self._open_lake()
            drawn.append(picture(notification, lake, self._now)
                         or picture_of_judged(notification, lake, self._read_rules(), self._now))
        except Exception as error:  # noqa: BLE001 - whatever a lake or a drawing library raises, the words go out
            log.warning("picture_left_out", id=notification.id, error=f"{type(error).__name__}: {error}"[:500])


def picture(notification: Notification, lake: Lake, now: datetime) -> Picture | None:
    """None where there is nothing to draw. Raises LakeError, and what matplotlib raises."""
    shown = [(alert, found) for alert in notification.alerts if (found := Pictured.of(alert.metadata))]
    if not shown:
        return None
    alerts, seen = [alert for alert, _ in shown], [found for _, found in shown]
    series = list(dict.fromkeys(one for found in seen for one in found.series))[:SERIES]
    window = span(alerts, max(found.window for found in seen), now)
    names = _names(series)
    zones = [Zone(*bounds) for bounds in seen[0].zones] if len({found.zones for found in seen}) == 1 else []
    lines = list(_lines(lake, series, names, window))
    return _drawn(alerts, lines, zones, window, now, unit=_axis(series, seen[0].unit))


def picture_of_judged(notification: Notification, lake: Lake, rules: Judgement, now: datetime) -> Picture | None:
    """The same of alerts of rules over an expression or SQL: what was compared. Raises RuleError too."""
    alerts = [alert for alert in notification.alerts if alert.metadata.get(GRAPH)]
    if not alerts:
        return None
    window = span(alerts, max(timedelta(seconds=one.metadata[GRAPH].get("window_s", 0)) for one in alerts), now)
    names = dict.fromkeys(alert.labels.get("alertname", "") for alert in alerts)
    found = [line for name in names for line in rules.lines(name, lake, window) if _is_of_some(line, alerts)][:SERIES]
    if not found:
        return None
    lines = [one.line(" ".join(f"{name}={value}" for name, value in sorted(one.labels.items()))) for one in found]
    zones = found[0].zones if all(one.zones == found[0].zones for one in found) else []
    return _drawn(alerts, lines, zones, window, now)


def _is_of_some(line: JudgedLine, alerts: Sequence[Alert]) -> bool:
    return any(line.labels.items() <= alert.labels.items() for alert in alerts)


def _drawn(alerts: Sequence[Alert], lines: list[Line], zones: list[Zone], window: Window, now: datetime, *,
           unit: str = "") -> Picture:
    title = alerts[0].labels.get("alertname", "") if len(alerts) > 1 else f"{alerts[0].title}"
    spans = [Span(max(alert.starts_at, window.start), min(_end(alert, now), window.end)) for alert in alerts[:SPANS]
             if _end(alert, now) > window.start]
    graph = Graph(lines, title=title, unit=unit, zones=zones, spans=spans, start=window.start, end=window.end)
    shown = ", ".join(filter(None, [line.name for line in lines[:5]])) or "its value"
    return Picture(draw(graph), f"{title}: {shown} from {window.start:%Y-%m-%d %H:%M} to "
                                f"{window.end:%Y-%m-%d %H:%M} UTC")


def span(alerts: Sequence[Alert], read: timedelta, now: datetime) -> Window:
    """From a while before the first fired until now, or a little after the last has ended; a week at the most."""
    ended = max(_end(alert, now) for alert in alerts)
    began = min(min(alert.starts_at for alert in alerts), ended)
    before = max(LEAST, 2 * read, (ended - began) / 2)
    end = min(now, ended + before / 4)
    return Window(max(began - before, end - MOST), end)


def _end(alert: Alert, now: datetime) -> datetime:
    """A firing alert's own end lies ahead: it is when it expires."""
    return alert.ends_at if alert.status == "resolved" and alert.ends_at else now


def _lines(lake: Lake, series: Sequence[Series], names: Sequence[str], window: Window) -> Iterator[Line]:
    rows: dict[int, tuple[list[float], list[float | None]]] = {one.key: ([], []) for one in series}
    points = lake.read(series, window)
    for point in points.set_column(1, "timestamp", points["timestamp"].cast(pa.int64())).to_pylist():
        times, values = rows[point["series"]]
        times.append(point["timestamp"] / 1000)
        values.append(point["value"])
    return (Line(name, *rows[one.key]) for one, name in zip(series, names, strict=True))


def _axis(series: Sequence[Series], unit: str) -> str:
    """`errors Sum, Count`; the unit alone where there are several metrics, and the lines say which."""
    metrics = {f"{one.metric} {one.statistic}" for one in series}
    return ", ".join(filter(None, [*metrics, unit])) if len(metrics) == 1 else unit


def _names(series: Sequence[Series]) -> list[str]:
    """By what tells them apart: the dimensions, and the metric where there are several."""
    metrics = {(one.metric, one.statistic) for one in series}
    words = [" ".join(f"{name}={value}" for name, value in one.dimensions) for one in series]
    return [f"{one.metric} {one.statistic} {word}".strip() if len(metrics) > 1 or not word else word
            for one, word in zip(series, words, strict=True)]
