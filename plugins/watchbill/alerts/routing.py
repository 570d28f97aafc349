"""Finds who hears of an alert: the routing tree and a label set in, matched routes out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from watchbill.model.alerting import Alerting, Escalation, Route
from watchbill.model.matchers import Matcher, format_matchers


@dataclass(frozen=True)
class Options:
    """How a route groups and times; the defaults are Alertmanager's."""

    group_by: tuple[str, ...] = ()  # sorted
    group_by_all: bool = False
    group_wait: timedelta = timedelta(seconds=30)
    group_interval: timedelta = timedelta(minutes=5)
    repeat_interval: timedelta = timedelta(hours=4)
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    escalations: tuple[Escalation, ...] = ()

    def group_labels(self, labels: Mapping[str, str]) -> dict[str, str]:
        """Those of the alert's labels that make its group; what it lacks is left out."""
        names = sorted(labels) if self.group_by_all else self.group_by
        return {name: labels[name] for name in names if name in labels}


@dataclass(frozen=True)
class Matched:
    """A route that takes an alert."""

    receiver: str
    path: str  # Alertmanager's route key, for example `{}/{owner="team-A"}`
    id: str  # the path with each node's place among its siblings
    options: Options
    labels: tuple[tuple[str, str], ...] = ()  # the route's own and those of its ancestors, as they are written

    def group_key(self, labels: Mapping[str, str]) -> str:
        """As Alertmanager writes it: `{}/{owner="team-A"}:{alertname="Disk"}`."""
        grouped = self.options.group_labels(labels)
        return f"{self.path}:{format_matchers(tuple(Matcher(name, '=', grouped[name]) for name in grouped))}"


@dataclass(frozen=True)
class Node:
    """A route with all that it inherits."""

    matched: Matched
    matchers: tuple[Matcher, ...]
    goes_on: bool
    children: tuple["Node", ...]

    def match(self, labels: Mapping[str, str]) -> list[Matched]:
        """In the order of the tree, repeats kept, as `amtool config routes test` prints them."""
        if not all(matcher.matches(labels) for matcher in self.matchers):
            return []
        found: list[Matched] = []
        for child in self.children:
            taken = child.match(labels)
            found += taken
            if taken and not child.goes_on:
                break
        return found or [self.matched]

    def walk(self) -> Iterator[Matched]:
        """Every route, depth first."""
        yield self.matched
        for child in self.children:
            yield from child.walk()


def tree(route: Route) -> Node:
    """The routing tree with everything inherited; build it once for many alerts."""
    top = Matched(route.receiver, format_matchers(route.all_matchers), format_matchers(route.all_matchers),
                  _options(route, Options()), tuple(sorted(route.labels.items())))
    return _node(route, top)


def labels_of(top: Node, group_key: str, receiver: str) -> dict[str, str]:
    """The labels of the route that a group belongs to, also of one whose alerts have all resolved."""
    found = (matched for matched in top.walk()
             if matched.receiver == receiver and group_key.startswith(f"{matched.path}:"))
    return dict(next((matched.labels for matched in found), ()))


def routes(alerting: Alerting, labels: Mapping[str, str]) -> list[Matched]:
    """Who hears of one label set. An absent label equals ""."""
    return tree(alerting.route).match(labels)


def _node(route: Route, matched: Matched) -> Node:
    children = tuple(_node(child, _child(child, matched, place)) for place, child in enumerate(route.routes))
    return Node(matched, route.all_matchers, route.continue_, children)


def _child(route: Route, parent: Matched, place: int) -> Matched:
    name = route.key()
    return Matched(route.receiver or parent.receiver, f"{parent.path}/{name}", f"{parent.id}/{name}/{place}",
                   _options(route, parent.options), tuple(sorted({**dict(parent.labels), **route.labels}.items())))


def _options(route: Route, inherited: Options) -> Options:
    options = inherited
    if route.group_by is not None:
        everything = route.group_by == ("...",)
        options = replace(options, group_by=() if everything else tuple(sorted(route.group_by)),
                          group_by_all=everything)
    return replace(
        options,
        group_wait=options.group_wait if route.group_wait is None else route.group_wait,
        group_interval=route.group_interval or options.group_interval,
        repeat_interval=route.repeat_interval or options.repeat_interval,
        mute_time_intervals=route.mute_time_intervals,  # these are the route's own, as in Alertmanager
        active_time_intervals=route.active_time_intervals,
        escalations=options.escalations if route.escalations is None else route.escalations,
    )
