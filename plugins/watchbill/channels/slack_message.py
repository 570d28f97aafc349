"""A notification in Slack's Block Kit, inside its limits.

https://docs.slack.dev/reference/block-kit/blocks/section-block
"""

from collections.abc import Collection
from typing import Any

from watchbill.channels.slack_template import blocks as templated
from watchbill.channels.slack_template import coloured, entities, escape, fallback, is_chosen, size
from watchbill.channels.words import headline, linked, mark, message, ordered, shorten, title, units, unlinked
from watchbill.model.alerts import Alert, Notification
from watchbill.model.links import links

TEXT = 4_000  # Slack asks for no more; it cuts at 40,000
SECTION = 3_000
FIELD = 2_000
FIELDS = 10  # of one section
ALL_BLOCKS = 9_500  # users report a cap near 10,000 over all blocks, which the documents do not name
ALERTS = 40  # sections of a group: 50 blocks less the head, the foot and a reserve
MOST_FIELDS = 4 * FIELDS
LINKS = 2_500  # characters of all of them; they count into the blocks' own
ALT = 500  # Slack takes 2,000


def fit(text: str, limit: int) -> str:
    """Escaped, and shortened so that it is whole after escaping; counted as JavaScript counts."""
    return escape(shorten(text, limit, _size))


def render(notification: Notification, file: str = "") -> dict[str, Any]:
    """`text` (for previews and screen readers) and `blocks` of chat.postMessage; `file`: the id of the picture."""
    alerts, foot = ordered(notification.alerts), _foot(notification, file)
    room = ALL_BLOCKS - size(foot)
    if len(alerts) == 1:
        said, own = message(alerts[0]), _single(alerts[0], linked(notification), room)
    else:
        said = "\n".join(f"[{mark(alert)}] {title(alert)}" for alert in alerts)
        own = _several(notification, alerts, room)
    if is_chosen(notification.channel.options):
        heading = "[{}] {}".format(*headline(notification))
        own = templated(notification, own, fit(heading, SECTION // 3), fit(said, SECTION), room)
    text = fallback(notification) or _text(notification, said)
    return coloured(notification, {"text": text, "blocks": [*own, *foot]})


def _text(notification: Notification, below: str) -> str:
    return fit("[{}] {}\n{}".format(*headline(notification), below).rstrip(), TEXT)


def _foot(notification: Notification, file: str) -> list[dict[str, Any]]:
    """The picture, and where to go from here. Links, not buttons: a button asks the app for an answer."""
    blocks: list[dict[str, Any]] = []
    if file and notification.picture:
        alt = shorten(notification.picture.description, ALT, units) or "graph"
        blocks.append({"type": "image", "slack_file": {"id": file}, "alt_text": alt})
    anchors: list[dict[str, str]] = []
    for link in links(notification, notification.base_url):
        anchor = _mrkdwn(f"<{entities(link.url)}|{entities(link.text)}>")
        if sum(units(each["text"]) for each in (*anchors, anchor)) <= LINKS:
            anchors.append(anchor)
    return [*blocks, {"type": "context", "elements": anchors}] if anchors else blocks


def _single(alert: Alert, known: Collection[str], room: int) -> list[dict[str, Any]]:
    head = _section(mark(alert), title(alert), message(alert), SECTION)
    found = unlinked(alert, known)
    if not found:
        return [head]
    each = (room - units(head["text"]["text"])) // min(len(found), MOST_FIELDS)
    items = list(found.items())[:MOST_FIELDS]
    fields = [_mrkdwn(_field(key, value, min(each, FIELD))) for key, value in items]
    if len(found) > MOST_FIELDS:
        fields[-1] = _mrkdwn(f"and {len(found) - MOST_FIELDS + 1} more")
    sections = [fields[start:start + FIELDS] for start in range(0, len(fields), FIELDS)]
    return [head, {"type": "divider"}, *({"type": "section", "fields": part} for part in sections)]


def _field(key: str, value: str, limit: int) -> str:
    name = fit(key, limit // 3)
    return f"*{name}:*\n{fit(value, limit - units(name) - 4)}"


def _several(notification: Notification, alerts: list[Alert], room: int) -> list[dict[str, Any]]:
    head = _section(*headline(notification), "", SECTION // 3)
    left = room - units(head["text"]["text"]) - 100  # for the foot
    each = max(left // min(len(alerts), ALERTS), 1)
    blocks, known = [head, {"type": "divider"}], linked(notification)
    for alert in alerts[:ALERTS]:
        lines = [message(alert), *(f"{key}: {value}" for key, value in unlinked(alert, known).items())]
        blocks.append(_section(mark(alert), title(alert), "\n".join(filter(None, lines)), min(each, SECTION)))
    if len(alerts) > ALERTS:
        more = {"type": "context", "elements": [_mrkdwn(f"and {len(alerts) - ALERTS} more")]}
        blocks.append(more)
    return blocks


def _section(word: str, heading: str, below: str, limit: int) -> dict[str, Any]:
    head = f"*[{word}] {fit(heading, limit // 2 - 20)}*"
    left = limit - units(head) - 1
    return {"type": "section", "text": _mrkdwn(f"{head}\n{fit(below, left)}" if below else head)}


def _mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def _size(text: str) -> int:
    return units(escape(text))
