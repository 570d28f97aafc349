"""Where a reader of a message can go from it: the forms that silence and acknowledge, the runbook, the graph.

Airflow's own trigger form cannot be filled by its URL, so ours stand at `<Airflow>/watchbill/silence` and
`<Airflow>/watchbill/acknowledge`; what they are filled with stands in the query, as `matcher` or `fingerprint`, each
as often as there are. Whoever opens one sees it before it is done, and needs the right to trigger the DAG.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode, urlsplit

from watchbill.model.alerts import Alert, Notification
from watchbill.model.matchers import Matcher

Purpose = Literal["acknowledge", "silence", "runbook", "dashboard", "graph", "log"]
TEXTS: dict[Purpose, str] = {"acknowledge": "Acknowledge", "silence": "Silence", "runbook": "Runbook",
                             "dashboard": "Dashboard", "graph": "Graph", "log": "Log"}
LONGEST = 2000
"""Characters of a URL: Slack's buttons take 3,000, some mail programs cut at about 2,000."""
_ANNOTATIONS: dict[Purpose, str] = {"runbook": "runbook_url", "dashboard": "dashboard_url", "graph": "graph_url"}


@dataclass(frozen=True)
class Link:
    """`text` is ours and short; `url` is absolute http or https, quoted as URLs are, not yet for HTML or Slack."""

    purpose: Purpose
    text: str
    url: str


def links(notification: Notification, base_url: str = "") -> tuple[Link, ...]:
    """Of a whole message, for its buttons: acknowledge and silence what fires, then where all its alerts point to.

    `base_url`: Airflow's, as `[api] base_url` has it; without one there are no forms. A resolved message has none
    either. A runbook, a dashboard, a graph or a log is given where every alert that names one names the same.
    """
    firing = [alert for alert in notification.alerts if alert.status == "firing"]
    return (*_forms(firing, base_url), *_shared(firing or list(notification.alerts)))


def alert_links(alert: Alert, base_url: str = "") -> tuple[Link, ...]:
    """Of one alert in a message of many."""
    return (*_forms([alert] if alert.status == "firing" else [], base_url), *_shared([alert]))


def silence_form(base_url: str, labels: Mapping[str, str]) -> str:
    """Filled with a matcher for each label; with none where that would be too long for a URL."""
    matchers = [("matcher", str(Matcher(name, "=", labels[name]))) for name in sorted(labels)]
    return _form(base_url, "silence", matchers)


def acknowledge_form(base_url: str, fingerprints: Iterable[str]) -> str:
    """Filled with the alerts; with none where they are too many for a URL."""
    return _form(base_url, "acknowledge", [("fingerprint", one) for one in sorted(set(fingerprints))])


def common_labels(alerts: Iterable[Alert]) -> dict[str, str]:
    """What all of them have, as Alertmanager's `.CommonLabels`."""
    every = [alert.labels.items() for alert in alerts]
    return dict(set(every[0]).intersection(*every[1:])) if every else {}


def _forms(firing: list[Alert], base_url: str) -> tuple[Link, ...]:
    if not firing or not base_url:
        return ()
    return (_link("acknowledge", acknowledge_form(base_url, (alert.fingerprint for alert in firing))),
            _link("silence", silence_form(base_url, common_labels(firing))))


def _form(base_url: str, name: str, filled: list[tuple[str, str]]) -> str:
    address = f"{base_url.rstrip('/')}/watchbill/{name}"
    # Lone surrogates, which labels may hold, cannot be said in a URL.
    query = urlencode(filled, errors="replace")
    whole = f"{address}?{query}" if query else address
    return whole if len(whole) <= LONGEST else address


def _shared(alerts: list[Alert]) -> list[Link]:
    found = []
    for purpose, name in _ANNOTATIONS.items():
        found += _only(purpose, (alert.annotations.get(name, "") for alert in alerts))
    return found + _only("log", (str(alert.metadata.get("log", "")) for alert in alerts))


def _only(purpose: Purpose, urls: Iterable[str]) -> list[Link]:
    named = {url.strip() for url in urls} - {""}
    url = named.pop() if len(named) == 1 else ""
    return [_link(purpose, url)] if _is_web(url) else []


def _is_web(url: str) -> bool:
    """Neither a script nor a text that breaks out of where it is put."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and not any(sign in ' "<>\\^`{|}' for sign in url)
    return plain and parts.scheme in ("http", "https") and bool(parts.netloc) and len(url) <= LONGEST


def _link(purpose: Purpose, url: str) -> Link:
    return Link(purpose, TEXTS[purpose], url)
