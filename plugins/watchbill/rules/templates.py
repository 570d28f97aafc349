"""The templates of labels and annotations: a text in, what renders it out.

Most texts only name a label or a number. For these the sandbox's own road, some microseconds each, is spared where ten
thousand alerts begin at once; whatever is not plain goes to Jinja.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import nodes

from watchbill.rules.humanize import humanize
from watchbill.rules.sandbox import JINJA, rendered

Plain = Callable[[Sequence[Mapping[str, str]], Sequence[float | None]], list[str]]
"""The labels and the value of each instance in, the text of each out. Raises KeyError for a label that is not there."""


def is_template(text: str) -> bool:
    return any(sign in text for sign in ("{{", "{%", "{#")) or text.endswith("\n") or "\r" in text


def render_text(text: str, names: Mapping[str, Any]) -> str:
    """Raises whatever the template raises."""
    return rendered(text, names) if is_template(text) else text


def plain(text: str, numbers: Mapping[str, Any], labels: Mapping[str, str]) -> Plain | None:
    """What renders a text that only names things; None where Jinja must. `numbers` and `labels` never change."""
    if not is_template(text):
        return _always(text)
    found = [_piece(node, numbers, labels) for node in _nodes(text)]
    pieces = [one for one in found if one is not None]
    if not found or len(pieces) < len(found):
        return None
    return lambda labels, values: ["".join(row) for row in zip(*(piece(labels, values) for piece in pieces),
                                                               strict=True)]


@lru_cache(maxsize=1024)
def _nodes(text: str) -> list[nodes.Node]:
    try:
        body = JINJA.parse(text).body
    except Exception:  # noqa: BLE001 - rendering it will raise the same, and is asked to
        return []
    return [one for node in body for one in (node.nodes if isinstance(node, nodes.Output) else [node])]


def _piece(node: Any, numbers: Mapping[str, Any], labels: Mapping[str, str]) -> Plain | None:
    if isinstance(node, nodes.TemplateData):
        return _always(node.data)
    if isinstance(node, nodes.Name):
        return _value if node.name == "value" else _always(str(numbers[node.name])) if node.name in numbers else None
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "labels":
        own = labels.get(node.attr)
        return None if hasattr(dict, node.attr) else _label(node.attr) if own is None else _always(own)
    if isinstance(node, nodes.Filter) and node.name == "humanize" and isinstance(node.node, nodes.Name):
        name = "" if node.args or node.kwargs else node.node.name
        return _humanized if name == "value" else _always(humanize(numbers[name])) if name == "threshold" else None
    return None


def _always(text: str) -> Plain:
    return lambda labels, _values: [text] * len(labels)


def _label(name: str) -> Plain:
    return lambda labels, _values: [one[name] for one in labels]


def _value(_: Sequence[Mapping[str, str]], values: Sequence[float | None]) -> list[str]:
    return list(map(str, values))


def _humanized(_: Sequence[Mapping[str, str]], values: Sequence[float | None]) -> list[str]:
    return list(map(humanize, values))
