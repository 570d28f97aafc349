"""Two bodies of one cloud -> what differs, in lines that a person reads before agreeing."""

import json
from collections.abc import Iterator
from typing import Any

LINES = 200
TEXT = 120


def difference(held: Any, wanted: Any) -> list[str]:
    """`widgets[2].properties.period: 300 -> 60`, `+ …` for what is new, `- …` for what goes."""
    found = list(_lines("", held, wanted))
    return found if len(found) <= LINES else [*found[:LINES], f"and {len(found) - LINES} more"]


def _lines(path: str, held: Any, wanted: Any) -> Iterator[str]:
    if held == wanted:
        return
    if isinstance(held, dict) and isinstance(wanted, dict):
        for key in sorted({*held, *wanted}):
            yield from _member(f"{path}.{key}".lstrip("."), key, held, wanted)
    elif isinstance(held, list) and isinstance(wanted, list):
        for at in range(max(len(held), len(wanted))):
            yield from _member(f"{path}[{at}]", at, dict(enumerate(held)), dict(enumerate(wanted)))
    else:
        yield f"{path}: {_shown(held)} -> {_shown(wanted)}"


def _member(path: str, key: Any, held: dict[Any, Any], wanted: dict[Any, Any]) -> Iterator[str]:
    if key not in held:
        yield f"+ {path}: {_shown(wanted[key])}"
    elif key not in wanted:
        yield f"- {path}: {_shown(held[key])}"
    else:
        yield from _lines(path, held[key], wanted[key])


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= TEXT else f"{text[:TEXT - 1]}…"


def without_defaults(body: dict[str, Any]) -> dict[str, Any]:
    """A Datadog body without what the server or its editor adds by themselves: the part that means something."""
    plain = {key: value for key, value in body.items() if key not in _ADDED}
    widgets = [{key: value for key, value in widget.items() if key != "id"} for widget in body["widgets"]]
    return {**_without_nothing(plain), "widgets": _without_nothing(widgets)}


# https://docs.datadoghq.com/api/latest/dashboards/#get-a-dashboard
_ADDED = {"id", "author_handle", "author_name", "url", "created_at", "modified_at", "deleted_at"}
_EDITORS = (("title_size", "16"), ("title_align", "left"), ("legend_layout", "auto"), ("storage", "hot"))


def _without_nothing(value: Any) -> Any:
    """Null, [], {}, "" and false say the same as their absence."""
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _without_nothing(item) for key, item in value.items() if (key, item) not in _EDITORS}
    return {key: item for key, item in kept.items() if item not in (None, "") and item is not False and item != []
            and item != {}}
