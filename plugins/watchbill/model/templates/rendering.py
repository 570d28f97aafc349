"""Renders a Jinja template of a message: template and notification in, bounded text out.

The sandbox knows Alertmanager's template data and nothing else; what templates print is escaped by the
channel that sends it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from watchbill.model.alerts import Notification
from watchbill.model.failures import TransportError
from watchbill.model.templates.data import Labels, Struct, names
from watchbill.model.templates.go_lexer import TemplateError

if TYPE_CHECKING:
    from jinja2 import Environment, Template

MOST = 200_000  # characters of one rendered template
_TAG = re.compile(r"\{\{|\{%.*%\}|\{#.*#\}", re.DOTALL)
Escape = Callable[[str], str]


def render(
    template: str, notification: Notification, *, escape: Escape = str, fallback: str = "", external_url: str = "",
) -> str:
    """The text of one part of a message (title, text, subject, html, a field's value, …). Never raises.

    `template` is Jinja (`Channel.options` hold their templates already translated from Go's), with
    Alertmanager's data as names: `Receiver`, `Status`, `Alerts`, `GroupLabels`, `CommonLabels`,
    `CommonAnnotations`, `ExternalURL`, …. `escape` is applied to every value that the template prints, and not
    to the template's own words: pass Slack's three signs, `html.escape`, or nothing for plain text. Where the
    template fails, the answer is `fallback` (the message in the channel's own words, escaped by the caller) with
    the error below, so that nothing is lost. At most MOST characters.
    """
    try:
        return rendered(template, notification, escape=escape, external_url=external_url)
    except TemplateError as error:
        import structlog  # only now: it brings half of a terminal with it

        structlog.get_logger("watchbill").error(
            "template_failed", receiver=notification.receiver, error=error.problem)
        told = escape(f"(a template of receiver {notification.receiver} failed: {error.problem[:300]})")
        return f"{fallback}\n{told}" if fallback else told


def rendered(
    template: str, notification: Notification, *, escape: Escape = str, external_url: str = "",
) -> str:
    """The same, for those who show mistakes. Raises TemplateError."""
    if is_plain(template):
        return template
    given = names(notification, external_url)
    labels = notification.channel.options.get("route_labels", {})
    if labels and "outeLabels" in template:
        found = {name: _route_label(name, labels, given, ()) for name in labels}
        given |= {"RouteLabels": Labels(found), "routeLabels": lambda name: found.get(name, "")}
    return _generated(compiled(template, escape), {"routeLabels": lambda _: "", **given, "Data": Struct(given)})


def _route_label(name: str, labels: Mapping[str, str], given: Mapping[str, Any], within: tuple[str, ...]) -> str:
    """A route's label may be a template itself, and name others: `{{ routeLabels("team") }}`. Raises TemplateError."""
    if name in within:
        raise TemplateError(f"route label cycle detected: {' -> '.join((*within, name))}")
    if is_plain(labels.get(name, "")):
        return labels.get(name, "")
    other = partial(_route_label, labels=labels, given=given, within=(*within, name))
    return _generated(compiled(labels[name]), {**given, "routeLabels": other, "Data": Struct(given)})


def addressed(notification: Notification) -> Notification:
    """With the channel or address that its template makes of it. Raises TransportError where it makes none."""
    channel = notification.channel
    if is_plain(channel.target):
        return notification
    try:
        target = rendered(channel.target, notification).strip()
    except TemplateError as error:
        raise TransportError(f"the address is a template that failed: {error.problem}", permanent=True) from error
    if not target:
        raise TransportError(f"the address is empty: {channel.target[:200]}", permanent=True)
    return replace(notification, channel=replace(channel, target=target))


def is_plain(text: str) -> bool:
    """Whether there is nothing to fill in."""
    return _TAG.search(text) is None


def _generated(template: "Template", given: Mapping[str, Any]) -> str:
    from watchbill.model.templates.sandbox import Budget

    budget = Budget(MOST)
    out, length = list[str](), 0
    try:
        for part in template.generate(**given, range=budget.range, _budget=budget):
            out.append(part)
            length += len(part)
            if length > MOST:
                break
    except TemplateError:
        raise
    except Exception as error:  # a template may raise anything; the alert matters more
        raise TemplateError(f"{type(error).__name__}: {error}") from error
    return "".join(out)[:MOST]


@lru_cache(maxsize=512)
def compiled(template: str, escape: Escape = str) -> "Template":
    """A template serves each message of its receiver. Raises TemplateError with the line."""
    from jinja2 import TemplateSyntaxError

    try:
        return _environment(escape).from_string(template)
    except TemplateSyntaxError as error:
        raise TemplateError(f"is no Jinja template: {error.message}", error.lineno) from error
    except Exception as error:
        raise TemplateError(f"is no Jinja template: {type(error).__name__}: {error}") from error


@lru_cache(maxsize=8)
def _environment(escape: Escape) -> "Environment":
    from watchbill.model.templates.sandbox import environment

    return environment(escape)
