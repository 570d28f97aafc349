"""Who hears of an alert: include/alerting.yaml, in Alertmanager's words.

Connections of Airflow stand where Alertmanager has credentials; what is not obeyed is refused.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import Any, Self

from pydantic import Field, PrivateAttr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from watchbill.model.alerts import Channel
from watchbill.model.declared import Duration
from watchbill.model.foreign_keys import Block, Credential, Http, NotObeyed, OtherGlobals, Relay
from watchbill.model.matcher_fields import Match, Matchers, MatchRe, Text, all_matchers, is_label_name
from watchbill.model.matchers import Matcher, format_matchers
from watchbill.model.receivers import At, Receiver
from watchbill.model.templates.reading import Library, as_jinja_or_failing
from watchbill.model.time_intervals import NamedTimeInterval
from watchbill.model.windows import format_duration


class Escalation(Block):
    """Who is told too when nobody has acknowledged an alert so long after it was first told; a key of our own."""

    after: Duration
    receiver: Text


class Route(Block):
    """A node of the routing tree; what it leaves out it takes from its parent."""

    receiver: Text = ""
    group_by: tuple[Text, ...] | None = None  # () overrides the parent's; "..." is every label
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    matchers: Matchers = ()
    match: Match = Field(default_factory=dict)
    match_re: MatchRe = Field(default_factory=dict)
    continue_: bool = Field(default=False, alias="continue")
    routes: "tuple[Route, ...]" = ()
    mute_time_intervals: tuple[Text, ...] = ()  # by name; not inherited
    active_time_intervals: tuple[Text, ...] = ()
    escalations: tuple[Escalation, ...] | None = None  # () overrides the parent's
    labels: dict[str, Text] = Field(default_factory=dict)  # for templates: `RouteLabels`; inherited, one by one

    @cached_property
    def all_matchers(self) -> tuple[Matcher, ...]:
        return all_matchers(self.match, self.match_re, self.matchers)

    def key(self) -> str:
        """Alertmanager's name for the node, without its ancestors: `{severity="critical"}`."""
        return format_matchers(self.all_matchers)

    @field_validator("labels")
    @classmethod
    def _named(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if not is_label_name(name):
                raise ValueError(f"invalid label name {name!r} in route labels")
        return value

    @field_validator("group_by")
    @classmethod
    def _grouped(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for name in value or ():
            if name != "..." and not is_label_name(name):
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

    @field_validator("escalations")
    @classmethod
    def _in_order(cls, value: tuple[Escalation, ...] | None) -> tuple[Escalation, ...] | None:
        last = timedelta(0)
        for step in value or ():
            if step.after <= last:
                raise ValueError(f"each step comes later than the one before: {format_duration(step.after)} does not "
                                 f"come after {format_duration(last)}")
            last = step.after
        return value


class InhibitRule(Block):
    """While a source fires, targets with the same values of `equal` are not notified."""

    name: Text = ""
    source_matchers: Matchers = ()
    source_match: Match = Field(default_factory=dict)
    source_match_re: MatchRe = Field(default_factory=dict)
    target_matchers: Matchers = ()
    target_match: Match = Field(default_factory=dict)
    target_match_re: MatchRe = Field(default_factory=dict)
    equal: tuple[Text, ...] = ()

    @cached_property
    def source(self) -> tuple[Matcher, ...]:
        return all_matchers(self.source_match, self.source_match_re, self.source_matchers)

    @cached_property
    def target(self) -> tuple[Matcher, ...]:
        return all_matchers(self.target_match, self.target_match_re, self.target_matchers)

    @field_validator("equal")
    @classmethod
    def _named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not is_label_name(name):
                raise ValueError(f"invalid label name {name!r} in equal list")
        return value


class Global(OtherGlobals):
    resolve_timeout: Duration | None = None  # when an alert sent without an end resolves by itself
    smtp_from: Text = ""
    smtp_hello: Relay = None
    smtp_smarthost: Relay = None
    smtp_auth_username: Relay = None
    smtp_auth_password: Credential = None
    smtp_auth_password_file: Credential = None
    smtp_auth_secret: Credential = None
    smtp_auth_secret_file: Credential = None
    smtp_auth_identity: Relay = None
    smtp_require_tls: Relay = None
    smtp_force_implicit_tls: Relay = None
    smtp_tls_config: Relay = None
    slack_api_url: Credential = None
    slack_api_url_file: Credential = None
    slack_app_token: Credential = None
    slack_app_token_file: Credential = None
    slack_app_url: Http = None
    http_config: Http = None


class Alerting(Block):
    """The whole file. Errors of its tree carry `ctx["at"]`, the path of the key that is wrong."""

    global_: Global = Field(default_factory=Global, alias="global")
    route: Route
    receivers: tuple[Receiver, ...] = ()
    inhibit_rules: tuple[InhibitRule, ...] = ()
    templates: tuple[Text, ...] = ()  # files of templates, relative to the include folder; `*` as in a shell
    time_intervals: tuple[NamedTimeInterval, ...] = ()
    mute_time_intervals: tuple[NamedTimeInterval, ...] = ()  # the older name of the same
    tracing: NotObeyed = None
    event_recorder: NotObeyed = None

    _library: Library = PrivateAttr(default_factory=Library)

    def with_library(self, library: Library) -> Self:
        """The same, with what the files of `templates` define."""
        made = self.model_copy()
        made.__dict__.pop("_channels", None)
        made._library = library
        return made

    def receiver(self, name: str) -> Receiver:
        return next(receiver for receiver in self.receivers if receiver.name == name)

    def channels(self, name: str) -> tuple[tuple[Channel, bool], ...]:
        """A receiver's channels with their `send_resolved`, their templates in Jinja.

        A template that cannot be used fails when it is rendered, and so costs a message its form, but not its
        content. StopIteration where there is no such receiver.
        """
        return self._channels[name] if name in self._channels else self.receiver(name).channels()

    @cached_property
    def _channels(self) -> dict[str, tuple[tuple[Channel, bool], ...]]:
        return {one.name: one.channels(self.jinja, self.global_.smtp_from) for one in reversed(self.receivers)}

    def jinja(self, template: str) -> str:
        """A template of this file as Jinja that stands by itself."""
        return as_jinja_or_failing(template, self._library)

    def texts(self) -> Iterator[tuple[At, str]]:
        """Everything that may be a template, with its path."""
        for index, receiver in enumerate(self.receivers):
            for at, config in receiver.configs():
                yield from ((("receivers", index, *at, *inner), text) for inner, text in config.templates())
        for at, route in walk(self.route):
            yield from (((*at, "labels", name), text) for name, text in route.labels.items())

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for at, problem in _problems(self):
            raise PydanticCustomError("alerting", problem.replace("{", "{{"), {"at": at})
        return self


def walk(route: Route, at: At = ("route",)) -> Iterator[tuple[At, Route]]:
    yield at, route
    for index, child in enumerate(route.routes):
        yield from walk(child, (*at, "routes", index))


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
    for at, route in walk(alerting.route):
        if route.receiver and route.receiver not in names:
            known = ", ".join(filter(None, names)) or "none"
            yield (*at, "receiver"), f"undefined receiver {route.receiver!r} used in route; there is {known}"
        for index, step in enumerate(route.escalations or ()):
            if step.receiver not in names:
                known = ", ".join(filter(None, names)) or "none"
                yield ((*at, "escalations", index, "receiver"),
                       f"undefined receiver {step.receiver!r} used in escalation; there is {known}")


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
    for at, route in walk(alerting.route):
        for key in ("mute_time_intervals", "active_time_intervals"):
            for index, name in enumerate(getattr(route, key)):
                if name not in known:
                    there = ", ".join(filter(None, known)) or "none"
                    yield (*at, key, index), f"undefined time interval {name!r} used in route; there is {there}"
