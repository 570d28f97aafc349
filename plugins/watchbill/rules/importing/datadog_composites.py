"""Datadog's composite monitors: `123 && !456` over other monitors as an expression over the alerts that they became.

https://docs.datadoghq.com/monitors/types/composite
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from watchbill.model.alert_expression import alert_names
from watchbill.rules.importing.datadog_message import message
from watchbill.rules.importing.imported import Imported, ImpossibleError

_WORD = re.compile(r"\s*(?:(?P<id>\d+)|(?P<sign>&&|\|\||!|[()]))")
_SIGNS = {"&&": "and", "||": "or", "!": "not"}


def compose(monitor: Mapping[str, Any], found: Imported, known: Mapping[str, Imported]) -> None:
    """Into `found`; `known` are the monitors before it, by id."""
    try:
        expression = _expression(str(monitor["query"]), known)
        alert_names(expression)
    except ValueError as error:
        found.impossible = str(error) if isinstance(error, ImpossibleError) else f"its query {error}"
        return
    annotations = message(str(monitor.get("message") or ""), found)
    condition = {"type": "composite", "expression": expression}
    found.lost.append("fires once, not for each group of its monitors: write the groups as `on`")
    rule = {"alert": found.name, "condition": condition, "annotations": annotations}
    found.rules.append({name: value for name, value in rule.items() if value})


def _expression(text: str, known: Mapping[str, Imported]) -> str:
    words, at = list[str](), 0
    while text[at:].strip():
        word = _WORD.match(text, at)
        if word is None:
            raise ImpossibleError(f"its query cannot be read from {text[at:at + 40].strip()!r} on")
        at = word.end()
        words.append(_SIGNS.get(word["sign"], word["sign"]) if word["sign"] else _alert(word["id"], known))
    return " ".join(words).replace("( ", "(").replace(" )", ")")


def _alert(of: str, known: Mapping[str, Imported]) -> str:
    if of not in known or known[of].impossible:
        raise ImpossibleError(f"is composed of {of}, which {'is impossible' if of in known else 'is not there'}")
    return json.dumps(known[of].name, ensure_ascii=False)
