"""What is odd in time intervals and escalation, though it can be read: alerting.yaml and the tick in, warnings out."""

from collections.abc import Iterator
from datetime import timedelta

from watchbill.declare.parts import Located
from watchbill.model.alerting import Alerting, Escalation, Route, walk
from watchbill.model.failures import Finding
from watchbill.model.time_intervals import LOCAL, TimeInterval
from watchbill.model.windows import format_duration

At = tuple[str | int, ...]


def check_on_call(alerting: Located[Alerting], tick: timedelta) -> Iterator[Finding]:
    yield from _intervals(alerting)
    for at, route in walk(alerting.value.route):
        for place, step in enumerate(route.escalations or ()):
            yield from _step(alerting, (*at, "escalations", place), route, step, tick)


def _intervals(alerting: Located[Alerting]) -> Iterator[Finding]:
    used = {name for _, route in walk(alerting.value.route)
            for name in (*route.mute_time_intervals, *route.active_time_intervals)}
    for key in ("mute_time_intervals", "time_intervals"):
        for place, named in enumerate(getattr(alerting.value, key)):
            if named.name not in used:
                yield alerting.finding(key, place, "name", warning=True, fix="name it in a route, or remove it",
                                       problem=f"no route is mute or active in `{named.name}`")
            if not named.time_intervals:
                yield alerting.finding(key, place, "name", warning=True, fix="give it some, or remove it",
                                       problem="contains no time: it has no intervals")
            for index, interval in enumerate(named.time_intervals):
                yield from _interval(alerting, (key, place, "time_intervals", index), interval)


def _interval(alerting: Located[Alerting], at: At, interval: TimeInterval) -> Iterator[Finding]:
    for name in ("times", "weekdays", "days_of_month", "months", "years"):
        spans = getattr(interval, name)
        if spans is not None and not spans:
            yield alerting.finding(*at, name, warning=True, problem="is empty, so the interval contains no time",
                                   fix="leave it out: then every time will do")
    for index, span in enumerate(interval.months or ()):
        if span.end < 1 or span.begin > 12:
            yield alerting.finding(*at, "months", index, warning=True, problem="no month has such a number",
                                   fix="write 1 to 12, or january to december")
    if interval.location == LOCAL:
        yield alerting.finding(*at, "location", warning=True, problem="is the zone of whichever worker dispatches",
                               fix="name the zone, for example Europe/Berlin")


def _step(
    alerting: Located[Alerting], at: At, route: Route, step: Escalation, tick: timedelta,
) -> Iterator[Finding]:
    if step.after < tick:
        yield alerting.finding(*at, "after", warning=True, problem=(
            f"{format_duration(step.after)} is below the tick of {format_duration(tick)}: it is told at the next tick"),
            fix=f"write {format_duration(tick)} or more")
    if not alerting.value.channels(step.receiver):
        yield alerting.finding(*at, "receiver", warning=True, fix="give it one, or name another receiver",
                               problem=f"`{step.receiver}` has no channel: nobody is told")
    if step.receiver == route.receiver:
        yield alerting.finding(*at, "receiver", warning=True, fix="leave the step out, or name another receiver",
                               problem=f"`{step.receiver}` is told by the route already, and repeats reach it too")
