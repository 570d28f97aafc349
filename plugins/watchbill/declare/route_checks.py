"""What is odd in a routing tree that Alertmanager would take as it is: a tree and the tick in, warnings out."""

from collections.abc import Iterator
from datetime import timedelta

from watchbill.declare.parts import Located
from watchbill.declare.reach import contradiction, first_blocking
from watchbill.model.alerting import Alerting, Route, walk
from watchbill.model.failures import Finding
from watchbill.model.matchers import Matcher
from watchbill.model.windows import format_duration

_WAIT, _INTERVAL, _REPEAT = timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=4)  # Alertmanager's defaults
_NEIGHBOURS = 100  # routes before one that are held against it: ten thousand take seconds, not minutes
At = tuple[str | int, ...]


def check_routes(alerting: Located[Alerting], tick: timedelta) -> Iterator[Finding]:
    root = alerting.value.route
    yield from _unreached(alerting, root, ("route",), ())
    yield from _times(alerting, root, ("route",), (_WAIT, _INTERVAL, _REPEAT), tick)
    yield from _unused(alerting)
    yield from _doubles(alerting)


def _unreached(alerting: Located[Alerting], route: Route, at: At, above: tuple[Matcher, ...]) -> Iterator[Finding]:
    """Routes that no alert comes to; those below one of them are not told again."""
    for place, child in enumerate(route.routes):
        path = (*at, "routes", place)
        matchers = (*above, *child.all_matchers)
        wrong = contradiction(matchers)
        if wrong:
            yield alerting.finding(*path, problem=f"can never match: {wrong}", fix="change or remove it", warning=True)
            continue
        taking = [index for index in range(max(0, place - _NEIGHBOURS), place) if not route.routes[index].continue_]
        found = first_blocking(matchers, (route.routes[index].all_matchers for index in taking))
        if found is not None:
            before = taking[found]
            line = alerting.document.line((*at, "routes", before))
            fix = f"give that one `continue: true`, or put this one before it (line {line})"
            yield alerting.finding(*path, warning=True, fix=fix, problem=(
                f"can never match: {route.routes[before].key()} before it takes all that would come here"))
            continue
        yield from _unreached(alerting, child, path, matchers)


def _times(
    alerting: Located[Alerting], route: Route, at: At, above: tuple[timedelta, timedelta, timedelta], tick: timedelta,
) -> Iterator[Finding]:
    own = (route.group_wait, route.group_interval, route.repeat_interval)
    wait, interval, repeat = (one if one is not None else inherited for one, inherited in zip(own, above, strict=True))
    every = format_duration(tick)
    if route.group_wait is not None and timedelta(0) < wait < tick:
        yield alerting.finding(*at, "group_wait", warning=True, fix="write 0s, or a multiple of the tick", problem=(
            f"{format_duration(wait)} is below the tick of {every}: a new group is told in the run that opens it"))
    if route.group_interval is not None and interval % tick and tick % interval:
        yield alerting.finding(*at, "group_interval", warning=True, fix="", problem=(
            f"{format_duration(interval)} neither divides the tick of {every} nor is a multiple of it: changes are "
            f"told at the next tick"))
    flushed = max(interval, tick)
    if (route.repeat_interval or route.group_interval) and repeat % flushed:
        meant = format_duration(-(-repeat // flushed) * flushed)
        key = "repeat_interval" if route.repeat_interval else "group_interval"
        yield alerting.finding(*at, key, warning=True, fix=f"write repeat_interval: {meant}", problem=(
            f"repeat_interval {format_duration(repeat)} is no multiple of {format_duration(flushed)}, when the group "
            f"is looked at: it is repeated after {meant}"))
    for place, child in enumerate(route.routes):
        yield from _times(alerting, child, (*at, "routes", place), (wait, interval, repeat), tick)


def _unused(alerting: Located[Alerting]) -> Iterator[Finding]:
    """Receivers that nothing names: a route or an escalation that was forgotten."""
    named = {route.receiver for _, route in walk(alerting.value.route)}
    named.update(name for _, route in walk(alerting.value.route) for name in _others(route))
    for place, receiver in enumerate(alerting.value.receivers):
        if receiver.name not in named:
            yield alerting.finding("receivers", place, "name", warning=True, fix="name it in a route, or remove it",
                                   problem=f"no route leads to receiver `{receiver.name}`")


def _doubles(alerting: Located[Alerting]) -> Iterator[Finding]:
    """Alertmanager would tell such a place twice; here the last one counts."""
    for place, receiver in enumerate(alerting.value.receivers):
        seen: set[tuple[str, str, str]] = set()
        for at, config in receiver.configs():
            target = (str(at[0]), config.connection, config.target)
            if target in seen:
                said = f"{config.target} is told by this receiver already: the last one counts"
                yield alerting.finding("receivers", place, *at, problem=said, warning=True,
                                       fix="make them one, or name another place")
            seen.add(target)


def _others(route: Route) -> Iterator[str]:
    """Receivers that a route names otherwise than as its own."""
    for name in ("escalate", "escalation", "escalations"):
        value = getattr(route, name, None)
        for one in value if isinstance(value, tuple | list) else [value]:
            yield str(getattr(one, "receiver", ""))


def notes(alerting: Alerting, tick: timedelta) -> Iterator[str]:
    """What differs from Alertmanager where nothing is written, told once."""
    every = format_duration(tick)
    for name, default in (("group_wait", _WAIT), ("group_interval", _INTERVAL)):
        if default < tick and any(getattr(route, name) is None for _, route in walk(alerting.route)) and (
                getattr(alerting.route, name) is None):
            told = "told in the run that opens it" if name == "group_wait" else f"looked at every {every}"
            yield (f"Alertmanager's default of {name}, {format_duration(default)}, is below the tick of {every}: "
                   f"a group is {told}")
    short = sorted({route.group_interval for _, route in walk(alerting.route)
                    if route.group_interval and route.group_interval < tick and not tick % route.group_interval})
    if short:
        written = ", ".join(map(format_duration, short))
        yield f"group_interval {written} is below the tick of {every}: groups are looked at every {every}"
