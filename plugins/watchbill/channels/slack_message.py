"""A notification in Slack's Block Kit, inside its limits.

https://docs.slack.dev/reference/block-kit/blocks/section-block
"""

from typing import Any

from watchbill.channels.words import details, headline, mark, message, ordered, shorten, title
from watchbill.model.alerts import Alert, Notification

TEXT = 4_000  # Slack asks for no more; it cuts at 40,000
SECTION = 3_000
FIELD = 2_000
FIELDS = 10  # of one section
ALL_BLOCKS = 9_500  # users report a cap near 10,000 over all blocks, which the documents do not name
ALERTS = 40  # sections of a group: 50 blocks less the head, the foot and a reserve
MOST_FIELDS = 4 * FIELDS


def escape(text: str) -> str:
    """Slack's three: without them a label could say `<!channel>`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fit(text: str, limit: int) -> str:
    """Escaped, and shortened so that it is whole after escaping; counted as JavaScript counts."""
    return escape(shorten(text, limit, _size))


def render(notification: Notification) -> dict[str, Any]:
    """`text` (for previews and screen readers) and `blocks` of chat.postMessage."""
    alerts = ordered(notification.alerts)
    if len(alerts) == 1:
        return {"text": _text(notification, message(alerts[0])), "blocks": _single(alerts[0])}
    lines = "\n".join(f"[{mark(alert)}] {title(alert)}" for alert in alerts)
    return {"text": _text(notification, lines), "blocks": _several(notification, alerts)}


def _text(notification: Notification, below: str) -> str:
    return fit("[{}] {}\n{}".format(*headline(notification), below).rstrip(), TEXT)


def _single(alert: Alert) -> list[dict[str, Any]]:
    head = _section(mark(alert), title(alert), message(alert), SECTION)
    found = details(alert)
    if not found:
        return [head]
    room = (ALL_BLOCKS - _units(head["text"]["text"])) // min(len(found), MOST_FIELDS)
    items = list(found.items())[:MOST_FIELDS]
    fields = [_mrkdwn(_field(key, value, min(room, FIELD))) for key, value in items]
    if len(found) > MOST_FIELDS:
        fields[-1] = _mrkdwn(f"and {len(found) - MOST_FIELDS + 1} more")
    sections = [fields[start:start + FIELDS] for start in range(0, len(fields), FIELDS)]
    return [head, {"type": "divider"}, *({"type": "section", "fields": part} for part in sections)]


def _field(key: str, value: str, limit: int) -> str:
    name = fit(key, limit // 3)
    return f"*{name}:*\n{fit(value, limit - _units(name) - 4)}"


def _several(notification: Notification, alerts: list[Alert]) -> list[dict[str, Any]]:
    head = _section(*headline(notification), "", SECTION // 3)
    left = ALL_BLOCKS - _units(head["text"]["text"]) - 100  # for the foot
    each = max(left // min(len(alerts), ALERTS), 1)
    blocks = [head, {"type": "divider"}]
    for alert in alerts[:ALERTS]:
        lines = [message(alert), *(f"{key}: {value}" for key, value in details(alert).items())]
        blocks.append(_section(mark(alert), title(alert), "\n".join(filter(None, lines)), min(each, SECTION)))
    if len(alerts) > ALERTS:
        more = {"type": "context", "elements": [_mrkdwn(f"and {len(alerts) - ALERTS} more")]}
        blocks.append(more)
    return blocks


def _section(word: str, heading: str, below: str, limit: int) -> dict[str, Any]:
    head = f"*[{word}] {fit(heading, limit // 2 - 20)}*"
    left = limit - _units(head) - 1
    return {"type": "section", "text": _mrkdwn(f"{head}\n{fit(below, left)}" if below else head)}


def _mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def _size(text: str) -> int:
    return _units(escape(text))


def _units(text: str) -> int:
    return len(text) + sum(sign > "\uffff" for sign in text)
