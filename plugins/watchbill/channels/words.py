"""What an alert says, in plain text, before it is written for Slack, a mail or a topic."""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from watchbill.model.alerts import GRAPH, SEVERITIES, Alert, Notification
from watchbill.model.links import links
from watchbill.model.windows import format_duration

ELLIPSIS = "…"
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_JOINERS = ("\u200d", "\ufe0e", "\ufe0f")  # they belong to the sign before them: never cut in front of one
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def clean(text: str) -> str:
    """The text without what no channel can carry (control characters, half surrogates, non-characters), and without the
    marks that turn the direction of what follows: right-to-left letters run as they should by themselves.
    """
    if text.isascii() and text.isprintable():  # as most is
        return text
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNSENDABLE.sub("", whole.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def shorten(text: str, limit: int, size: Callable[[str], int] = len) -> str:
    """The longest beginning with `…` whose `size` is at most `limit`, or the text itself where it fits.

    `size` counts at least one for each character.
    """
    if len(text) <= limit and size(text) <= limit:
        return text
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle] + ELLIPSIS) <= limit else (low, middle - 1)
    while low and _belongs_to_the_last(text[low]):
        low -= 1
    return text[:low].rstrip() + ELLIPSIS


def _belongs_to_the_last(sign: str) -> bool:
    return sign in _JOINERS or unicodedata.combining(sign) != 0 or ord(sign) in _SKIN_TONES


def units(text: str) -> int:
    """Characters as JavaScript counts them."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def mark(alert: Alert) -> str:
    """RESOLVED, or the severity in capitals."""
    return "RESOLVED" if alert.status == "resolved" else alert.severity.upper()


def title(alert: Alert) -> str:
    return one_line(alert.title) or "alert"


def message(alert: Alert) -> str:
    """The description; what has resolved says first that it is over, so that old words do not sound like new ones."""
    said = clean(alert.message).strip()
    if alert.status != "resolved" or alert.ends_at is None:
        return said
    over = f"Over since {alert.ends_at:%H:%M} UTC, after {format_duration(_whole_seconds(alert))}."
    return f"{over} While it fired: {said}" if said else over


def _whole_seconds(alert: Alert) -> timedelta:
    lasted = (alert.ends_at or alert.starts_at) - alert.starts_at
    return timedelta(seconds=max(0, round(lasted.total_seconds())))


def details(alert: Alert) -> dict[str, str]:
    """The runbook where there is one, and the metadata as text: what a reader looks at next."""
    runbook = one_line(alert.annotations.get("runbook_url", ""))
    found = {"runbook": runbook} if runbook else {}
    return found | {one_line(str(key)) or "-": shown(value) for key, value in facts(alert).items()}


def linked(notification: Notification) -> frozenset[str]:
    """The addresses that the whole message links to."""
    return frozenset(link.url for link in links(notification, notification.base_url))


def unlinked(alert: Alert, linked: Collection[str]) -> dict[str, str]:
    """The details less the runbook, where the message links to it."""
    return {key: value for key, value in details(alert).items() if not (key == "runbook" and value in linked)}


def facts(alert: Alert) -> dict[str, Any]:
    """The metadata, less what only a picture is drawn from."""
    return {key: value for key, value in alert.metadata.items() if key != GRAPH}


def news(notification: Notification) -> Notification:
    """Only what the channel has not been told before; all of it where there is nothing else, as in a reminder."""
    fresh = tuple(alert for alert in notification.alerts
                  if alert.status == "resolved" or alert.fingerprint not in notification.told)
    return replace(notification, alerts=fresh) if fresh else notification


def shown(value: Any) -> str:
    """Text as it is, everything else as JSON."""
    plain = as_json(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def as_json(value: Any) -> Any:
    """The value in what JSON knows; what it does not know (NaN, datetimes, objects) becomes text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, dict):
        return {clean(str(key)): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(item) for item in value]
    return clean(str(value))


_LIGHTNESS = {severity: place for place, severity in enumerate(reversed(SEVERITIES))}


def ordered(alerts: Sequence[Alert]) -> list[Alert]:
    """Firing before resolved, the gravest first."""
    return sorted(alerts, key=lambda alert: (alert.status == "resolved", _LIGHTNESS[alert.severity]))


def headline(notification: Notification) -> tuple[str, str]:
    """The mark and the title of the whole: the alert's own where there is one, else counts and the group."""
    alerts = ordered(notification.alerts)
    if len(alerts) == 1:
        return mark(alerts[0]), title(alerts[0])
    whole = "RESOLVED" if notification.status == "resolved" or not alerts else mark(alerts[0])
    return whole, f"{_counts(alerts)}: {_group(notification)}"


def _counts(alerts: Sequence[Alert]) -> str:
    firing = sum(alert.status == "firing" for alert in alerts)
    counts = {"firing": firing, "resolved": len(alerts) - firing}
    return ", ".join(f"{count} {status}" for status, count in counts.items() if count) or "0 alerts"


def _group(notification: Notification) -> str:
    """`HighErrorRate service=checkout`: what the group's alerts have in common."""
    labels = dict(notification.group_labels)
    words = [labels.pop("alertname", ""), *(f"{name}={value}" for name, value in labels.items())]
    return one_line(" ".join(words)) or one_line(notification.receiver) or "alerts"
