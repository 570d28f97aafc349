"""What Slack refuses in blocks, in its own words: https://docs.slack.dev/reference/block-kit/blocks/

Blocks as they were posted go in; the complaints that come with `invalid_blocks` come out.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

Complaints = Iterator[str]
BLOCKS = 50
_FILE_ID = re.compile("F[A-Z0-9]{8,}")
BUTTON_STYLES = ("primary", "danger")


def complaints(blocks: Any, shows: Callable[[str], bool] = lambda _: True) -> list[str]:
    """Each as `must be less than 3001 characters [json-pointer:/blocks/0/text/text]`.

    `shows`: whether an uploaded file may be shown.
    """
    if not isinstance(blocks, list):
        return ["must be an array [json-pointer:/blocks]"]
    found = list(_many(blocks, BLOCKS, "/blocks"))
    for position, block in enumerate(blocks):
        found += _block(block, f"/blocks/{position}") or _file(block, shows, f"/blocks/{position}")
    return found


def _file(block: dict[str, Any], shows: Callable[[str], bool], at: str) -> list[str]:
    """What Slack says of a file that is not there, that is no image, or that it has not looked at yet."""
    file = block.get("slack_file") if block["type"] == "image" else None
    return [] if file is None or shows(file.get("id", "")) else [f"invalid slack file [json-pointer:{at}/slack_file]"]


def size(blocks: Any) -> int:
    """Characters of all text in blocks: what `msg_blocks_too_long` counts."""
    if isinstance(blocks, list):
        return sum(size(each) for each in blocks)
    if isinstance(blocks, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else size(v) for k, v in blocks.items())
    return 0


def _block(block: Any, at: str) -> list[str]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in KINDS:
        return [f"unsupported type: {kind} [json-pointer:{at}/type]"]
    allowed, required, check = KINDS[kind]
    return [*_keys(block, (*allowed, "type", "block_id"), required, at),
            *_string(block.get("block_id", "-"), 255, f"{at}/block_id"), *check(block, at)]


def _section(block: dict[str, Any], at: str) -> Complaints:
    if "text" not in block and "fields" not in block:
        yield f"missing required field: text [json-pointer:{at}]"
    if "text" in block:
        yield from _text(block["text"], 3000, f"{at}/text")
    if "fields" in block:
        yield from _many(block["fields"], 10, f"{at}/fields")
        for position, one in _each(block["fields"]):
            yield from _text(one, 2000, f"{at}/fields/{position}")
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory")


def _header(block: dict[str, Any], at: str) -> Complaints:
    yield from _text(block.get("text"), 150, f"{at}/text", plain=True)


def _context(block: dict[str, Any], at: str) -> Complaints:
    yield from _many(block.get("elements"), 10, f"{at}/elements")
    for position, one in _each(block.get("elements")):
        here = f"{at}/elements/{position}"
        is_image = isinstance(one, dict) and one.get("type") == "image"
        yield from _image(one, here) if is_image else _text(one, 3000, here)


def _actions(block: dict[str, Any], at: str) -> Complaints:
    yield from _many(block.get("elements"), 25, f"{at}/elements")
    for position, one in _each(block.get("elements")):
        yield from _element(one, f"{at}/elements/{position}")


def _image(block: dict[str, Any], at: str) -> Complaints:
    yield from _string(block.get("alt_text"), 2000, f"{at}/alt_text")
    if ("image_url" in block) == ("slack_file" in block):
        yield f"must have image_url or slack_file [json-pointer:{at}]"
    if "image_url" in block:
        yield from _string(block["image_url"], 3000, f"{at}/image_url")
    if "slack_file" in block:
        yield from _slack_file(block["slack_file"], f"{at}/slack_file")
    if "title" in block:
        yield from _text(block["title"], 2000, f"{at}/title", plain=True)


def _slack_file(file: Any, at: str) -> Complaints:
    """https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object; by its id only, here."""
    if not isinstance(file, dict) or set(file) != {"id"}:
        yield f"must provide an object with id [json-pointer:{at}]"
    elif not _FILE_ID.fullmatch(str(file["id"])):
        yield f"input must match regex pattern: ^[F][A-Z0-9]{{8,}}$ [json-pointer:{at}/id]"


def _markdown(block: dict[str, Any], at: str) -> Complaints:
    yield from _string(block.get("text"), 12000, f"{at}/text")


def _nothing(_block: dict[str, Any], _at: str) -> Complaints:
    return iter(())


def _element(element: Any, at: str) -> Complaints:
    """A button or an image; other interactive elements are not part of the sandbox."""
    kind = element.get("type") if isinstance(element, dict) else None
    if kind == "image":
        yield from _image(element, at)
    elif kind != "button":
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
    else:
        allowed = ("type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label")
        yield from _keys(element, allowed, ("text",), at)
        yield from _text(element.get("text"), 75, f"{at}/text", plain=True)
        for key, most in (("action_id", 255), ("url", 3000), ("value", 2000)):
            yield from _string(element.get(key, "-"), most, f"{at}/{key}")
        if element.get("style", "primary") not in BUTTON_STYLES:
            yield f"must be one of primary, danger [json-pointer:{at}/style]"


def _text(text: Any, most: int, at: str, *, plain: bool = False) -> Complaints:
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"must provide an object of type {' or '.join(kinds)} [json-pointer:{at}]"
        return
    yield from _keys(text, ("type", "text", "emoji" if text["type"] == "plain_text" else "verbatim"), (), at)
    yield from _string(text.get("text"), most, f"{at}/text")


def _string(value: Any, most: int, at: str) -> Complaints:
    if not isinstance(value, str):
        yield f"must be a string [json-pointer:{at}]"
    elif not value:
        yield f"must be more than 0 characters [json-pointer:{at}]"
    elif len(value) > most:
        yield f"must be less than {most + 1} characters [json-pointer:{at}]"


def _many(items: Any, most: int, at: str) -> Complaints:
    if not isinstance(items, list):
        yield f"must be an array [json-pointer:{at}]"
    elif not items and at != "/blocks":
        yield f"no less than 1 item required [json-pointer:{at}]"
    elif len(items) > most:
        yield f"no more than {most} items allowed [json-pointer:{at}]"


def _keys(value: dict[str, Any], allowed: tuple[str, ...], required: tuple[str, ...], at: str) -> Complaints:
    yield from (f"missing required field: {key} [json-pointer:{at}]" for key in required if key not in value)
    yield from (
        f"invalid additional property: {key} [json-pointer:{at}]" for key in value if key not in allowed
    )


def _each(items: Any) -> Iterator[tuple[int, Any]]:
    return enumerate(items if isinstance(items, list) else [])


Check = Callable[[dict[str, Any], str], Complaints]
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Check]] = {  # type -> allowed, required, check
    "section": (("text", "fields", "accessory", "expand"), (), _section),
    "header": (("text",), ("text",), _header),
    "divider": ((), (), _nothing),
    "context": (("elements",), ("elements",), _context),
    "actions": (("elements",), ("elements",), _actions),
    "image": (("image_url", "slack_file", "alt_text", "title"), ("alt_text",), _image),
    "markdown": (("text",), ("text",), _markdown),
}
