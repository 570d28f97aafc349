"""Who hears of an alert: include/alerting.yaml, in Alertmanager's words.

Connections of Airflow stand where Alertmanager has credentials; what is not obeyed is refused.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from watchbill.model.alerts import Channel
from watchbill.model.declared import Declared, Duration
from watchbill.model.matcher_text import parse_matchers
from watchbill.model.matchers import Matcher, format_matchers, matcher_order
from watchbill.model.receivers import Credential, NotObeyed, Receiver
from watchbill.model.time_intervals import NamedTimeInterval

_CLASSIC_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
At = tuple[str | int, ...]


def _text(value: Any) -> Any:
    """YAML reads `2` and `true` as something else; in Alertmanager every label value is text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _matchers(value: Any) -> Any:
    if not isinstance(value, list | tuple) or not all(isinstance(line, str | Matcher) for line in value):
        raise ValueError("`matchers` is a list of texts, for example - severity=\"critical\"")
    parsed = [(line,) if isinstance(line, Matcher) else parse_matchers(line) for line in value]
    return tuple(matcher for matchers in parsed for matcher in matchers)


Text = Annotated[str, BeforeValidator(_text)]
Match = dict[str, Text]
Matchers = Annotated[tuple[Matcher, ...], BeforeValidator(_matchers)]


def _parsed(
    match: dict[str, str], match_re: dict[str, str], matchers: tuple[Matcher, ...],
) -> tuple[Matcher, ...]:
    """All three ways to write it, in Alertmanager's order."""
    old = [Matcher(name, "=", value) for name, value in match.items()]
    old_re = [Matcher(name, "=~", f"^(?:{pattern})$") for name, pattern in match_re.items()]
    return tuple(sorted([*old, *old_re, *matchers], key=matcher_order))


class Route(Declared):
    """A node of the routing tree; what it leaves out it takes from its parent."""

    receiver: str = ""
    group_by: tuple[str, ...] | None = None  # () overrides the parent's; "..." is every label
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    matchers: Matchers = ()
    match: Match = Field(default_factory=dict)
    match_re: Match = Field(default_factory=dict)
    continue_: bool = Field(default=False, alias="continue")
    routes: "tuple[Route, ...]" = ()
    mute_time_intervals: tuple[Text, ...] = ()  # by name; not inherited
    active_time_intervals: tuple[Text, ...] = ()
    labels: NotObeyed = None

    @cached_property
    def all_matchers(self) -> tuple[Matcher, ...]:
        return _parsed(self.match, self.match_re, self.matchers)

    def key(self) -> str:
        """Alertmanager's name for the node, without its ancestors: `{severity="critical"}`."""
        return format_matchers(self.all_matchers)

    @field_validator("match_re")
    @classmethod
    def _regular(cls, value: dict[str, str]) -> dict[str, str]:
        for name, pattern in value.items():
            Matcher(name, "=~", pattern)
        return value

    @field_validator("group_by")
    @classmethod
    def _grouped(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for name in value or ():
            if name != "..." and not _CLASSIC_NAME.fullmatch(name):
                raise ValueError(f"invalid label name {name!r} in group_by list")
            if (value or ()).count(name) > 1:
                raise ValueError(f"duplicated label {name!r} in group_by")
        if "..." in (value or ()) and len(value or ()) > 1:
            raise ValueError("cannot have wildcard group_by (`...`) and other labels at the same time")
        return value

    @field_validator("group_interval", "repeat_interval")
    @classmethod
    def _positive(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and value <= timedelta(0):
            raise ValueError("cannot be zero")
        return value


class InhibitRule(Declared):
    """While a source fires, targets with the same values of `equal` are not notified."""

    name: str = ""
    source_matchers: Matchers = ()
    source_match: Match = Field(default_factory=dict)
    source_match_re: Match = Field(default_factory=dict)
    target_matchers: Matchers = ()
    target_match: Match = Field(default_factory=dict)
    target_match_re: Match = Field(default_factory=dict)
    equal: tuple[str, ...] = ()

    @cached_property
    def source(self) -> tuple[Matcher, ...]:
        return _parsed(self.source_match, self.source_match_re, self.source_matchers)

    @cached_property
    def target(self) -> tuple[Matcher, ...]:
        return _parsed(self.target_match, self.target_match_re, self.target_matchers)

    @field_validator("source_match_re", "target_match_re")
    @classmethod
    def _regular(cls, value: dict[str, str]) -> dict[str, str]:
        for name, pattern in value.items():
            Matcher(name, "=~", pattern)
        return value


class Global(Declared):
    resolve_timeout: Duration | None = None  # when an alert sent without an end resolves by itself
    smtp_from: str = ""
    smtp_smarthost: Credential = None
    smtp_auth_username: Credential = None
    smtp_auth_password: Credential = None
    smtp_auth_password_file: Credential = None
    smtp_auth_secret: Credential = None
    smtp_auth_identity: Credential = None
    slack_api_url: Credential = None
    slack_api_url_file: Credential = None
    slack_app_token: Credential = None
    slack_app_token_file: Credential = None
    http_config: Credential = None


class Alerting(Declared):
    """The whole file. Errors of its tree carry `ctx["at"]`, the path of the key that is wrong."""

    global_: Global = Field(default_factory=Global, alias="global")
    route: Route
    receivers: tuple[Receiver, ...] = ()
    inhibit_rules: tuple[InhibitRule, ...] = ()
    templates: NotObeyed = None
    time_intervals: tuple[NamedTimeInterval, ...] = ()
    mute_time_intervals: tuple[NamedTimeInterval, ...] = ()  # the older name of the same

    def receiver(self, name: str) -> Receiver:
        return next(receiver for receiver in self.receivers if receiver.name == name)

    def channels(self, name: str) -> tuple[tuple[Channel, bool], ...]:
        """A receiver's channels with their `send_resolved`. StopIteration where there is no such receiver."""
        return self.receiver(name).channels(self.global_.smtp_from)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for at, problem in _problems(self):
            raise PydanticCustomError("alerting", problem.replace("{", "{{"), {"at": at})
        return self


def _walk(route: Route, at: At = ("route",)) -> Iterator[tuple[At, Route]]:
    yield at, route
    for index, child in enumerate(route.routes):
        yield from _walk(child, (*at, "routes", index))


def _problems(alerting: Alerting) -> Iterator[tuple[At, Any]]:
    """What amtool finds wrong, in its words."""
    names = [receiver.name for receiver in alerting.receivers]
    for index, receiver in enumerate(alerting.receivers):
        at: At = ("receivers", index)
        if not receiver.name:
            yield (*at, "name"), "missing name in receiver"
        if receiver.name in names[:index]:
            yield (*at, "name"), f"notification config name {receiver.name!r} is not unique"
    yield from _root_problems(alerting.route)
    yield from _interval_problems(alerting)
    for at, route in _walk(alerting.route):
        if route.receiver and route.receiver not in names:
            known = ", ".join(filter(None, names)) or "none"
            yield (*at, "receiver"), f"undefined receiver {route.receiver!r} used in route; there is {known}"


def _root_problems(root: Route) -> Iterator[tuple[At, Any]]:
    if not root.receiver:
        yield ("route", "receiver"), "root route must specify a default receiver"
    if root.all_matchers:
        yield ("route",), "root route must not have any matchers"
    if root.continue_:
        yield ("route", "continue"), "cannot have continue in root route"
    if root.mute_time_intervals:
        yield ("route", "mute_time_intervals"), "root route must not have any mute time intervals"
    if root.active_time_intervals:
        yield ("route", "active_time_intervals"), "root route must not have any active time intervals"


def _interval_problems(alerting: Alerting) -> Iterator[tuple[At, Any]]:
    known: list[str] = []
    for key, kind in (("mute_time_intervals", "mute time interval"), ("time_intervals", "time interval")):
        for index, interval in enumerate(getattr(alerting, key)):
            if not interval.name:
                yield (key, index, "name"), f"missing name in {kind}"
            if interval.name in known:
                yield (key, index, "name"), f"{kind} {interval.name!r} is not unique"
            known.append(interval.name)
    for at, route in _walk(alerting.route):
        for key in ("mute_time_intervals", "active_time_intervals"):
            for index, name in enumerate(getattr(route, key)):
                if name not in known:
                    there = ", ".join(filter(None, known)) or "none"
                    yield (*at, key, index), f"undefined time interval {name!r} used in route; there is {there}"
