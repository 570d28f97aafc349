"""A Slack message in a receiver's own words: what its `slack_configs` write, filled in and put where our words stand.

Keys are Alertmanager's. What a template prints is escaped; the template's own words may be Slack's markup.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.channels.words import clean, units
from watchbill.model.alerts import Notification
from watchbill.model.templates.rendering import render as filled

Blocks = list[dict[str, Any]]
SECTION = 3_000
PIECES = 2  # sections of one text
ABOVE, SHORT = 1_000, 500  # characters
FIELDS, BUTTONS, BLOCKS = 10, 5, 45
_WORDS = ("title", "title_link", "pretext", "message_text", "text", "fields", "footer", "image_url", "thumb_url",
          "actions")
_OPEN = re.compile(r"(&[a-z]{0,3}|<[^<>]*)$")
_MENTION = re.compile(r"(?<![\w.])@(?=\w)")
_ADDRESS = re.compile(r"https?://[^\s<>|\"]+")
_COLOUR = re.compile(r"good|warning|danger|#[0-9a-fA-F]{6}")


def entities(text: str) -> str:
    """Slack's three signs."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape(text: str) -> str:
    """So that a label mentions nobody: neither as `<!channel>` nor as `@here`, some of which Slack reads by itself.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object (`verbatim`)
    """
    return entities(_MENTION.sub("@\u2060", text))  # a joiner that nobody sees


def cut(text: str, limit: int) -> str:
    """The beginning of text that is escaped already, with no sign and no link cut in two."""
    whole = clean(text)
    if units(whole) <= limit:
        return whole
    kept = whole[:limit - 1]
    while units(kept) > limit - 1:
        kept = kept[:-1]
    return _OPEN.sub("", kept).rstrip() + "…"


def is_chosen(options: Mapping[str, Any]) -> bool:
    """Whether the receiver writes any words of its own."""
    return any(options.get(name) for name in _WORDS)


class Words:
    """One notification's templates, filled in."""

    def __init__(self, notification: Notification) -> None:
        self._notification, self._options = notification, notification.channel.options

    def fill(self, template: object, limit: int, fallback: str = "") -> str:
        return cut(filled(str(template), self._notification, escape=escape, fallback=fallback,
                          external_url=self._notification.base_url), limit)

    def text(self, name: str, limit: int, fallback: str = "") -> str:
        """`fallback`: what stands there where the template fails; nothing where none is written."""
        template = self._options.get(name)
        return self.fill(template, limit, fallback) if template else ""

    def address(self, template: object) -> str:
        found = self.fill(template, 3_000).strip() if template else ""
        return found if _ADDRESS.fullmatch(found) else ""

    def listed(self, name: str) -> Sequence[Mapping[str, Any]]:
        return self._options.get(name) or ()

    def option(self, name: str) -> object:
        return self._options.get(name)


def blocks(notification: Notification, own: Blocks, heading: str, said: str, room: int) -> Blocks:
    """`own`: the message in our words, head first; `heading` and `said`: what that head says, escaped."""
    words = Words(notification)
    above = [_section(part) for name in ("message_text", "pretext") if (part := words.text(name, ABOVE))]
    title = " ".join(words.text("title", SHORT, heading).split()) or heading
    link = words.address(words.option("title_link"))
    text = words.text("text", PIECES * SECTION - SHORT, said) if words.option("text") else said
    head = _pieces("\n".join(filter(None, [f"*<{link}|{title}>*" if link else f"*{title}*", text])))
    if thumb := words.address(words.option("thumb_url")):
        head[0]["accessory"] = {"type": "image", "image_url": thumb, "alt_text": "thumbnail"}
    rest = [] if words.option("text") and len(notification.alerts) > 1 else own[1:]
    found = [*above, *head, *(_fields(words) or rest), *_below(words)]
    while len(found) > 1 and (size(found) > room or len(found) > BLOCKS):
        found.pop()
    return found


def size(value: Any) -> int:
    """The characters of all texts in blocks, as Slack counts them together."""
    if isinstance(value, list):
        return sum(size(one) for one in value)
    if isinstance(value, dict):
        return sum(units(one) if name == "text" and isinstance(one, str) else size(one) for name, one in value.items())
    return 0


def _fields(words: Words) -> Blocks:
    texts = [{"type": "mrkdwn", "text": f"*{words.fill(each['title'], 200)}*\n{words.fill(each['value'], 1_500)}"}
             for each in words.listed("fields")[:FIELDS]]
    return [{"type": "divider"}, {"type": "section", "fields": texts}] if texts else []


def _below(words: Words) -> Blocks:
    found: Blocks = []
    if image := words.address(words.option("image_url")):
        found.append({"type": "image", "image_url": image, "alt_text": "image"})
    buttons = [_button(words, each) for each in words.listed("actions")[:BUTTONS] if words.address(each.get("url"))]
    if buttons:
        found.append({"type": "actions", "elements": buttons})
    if footer := words.text("footer", SHORT):
        found.append({"type": "context", "elements": [{"type": "mrkdwn", "text": footer}]})
    return found


def _button(words: Words, action: Mapping[str, Any]) -> dict[str, Any]:
    text = words.fill(action["text"], 75) or "open"
    style = words.fill(action.get("style", ""), 20)
    found = {"type": "button", "text": {"type": "plain_text", "text": text}, "url": words.address(action["url"])}
    return found | ({"style": style} if style in ("primary", "danger") else {})


def fallback(notification: Notification) -> str:
    """What a phone shows, where the receiver writes it."""
    return Words(notification).text("fallback", 4_000).strip()


def coloured(notification: Notification, message: dict[str, Any]) -> dict[str, Any]:
    """With the receiver's `color`: Slack draws one beside attachments only."""
    words = Words(notification)
    colour = words.text("color", 20).strip()
    if not _COLOUR.fullmatch(colour):
        return message | ({"attachments": []} if words.option("color") else {})  # an edit would keep the one before
    return {"text": "", "blocks": [],
            "attachments": [{"color": colour, "fallback": message["text"], "blocks": message["blocks"]}]}


def poster(notification: Notification) -> dict[str, Any]:
    """Who seems to write, for chat.postMessage: needs the scope chat:write.customize."""
    words, found = Words(notification), dict[str, Any]()
    for name in ("username", "icon_emoji", "icon_url"):
        if value := words.text(name, 300).strip():
            found[name] = value
    return found | ({"link_names": True} if words.option("link_names") else {})


def _pieces(text: str) -> Blocks:
    """As many sections as it takes, broken between lines where there are any."""
    found: Blocks = []
    while text and len(found) < PIECES:
        if units(text) <= SECTION:
            found.append(_section(text))
            break
        piece = cut(text, SECTION)[:-1]
        if "\n" in piece[1:] and len(found) < PIECES - 1:
            piece = piece[:piece.rindex("\n")]
        text = text[len(piece):].lstrip("\n")
        found.append(_section(piece + ("…" if len(found) == PIECES - 1 else "")))
    return found or [_section("alert")]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}
