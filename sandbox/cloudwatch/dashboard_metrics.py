"""The metrics of a dashboard's widget, in the vendor's shorthand, each row read with the one above it.

`[namespace, name, (dimension, value)*, {options}?]` or `[{expression}]`; "." repeats what stands at the same
place above, "..." the run from here on.
"""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.cloudwatch.findings import Finding, Findings, one_of, period, stat, text, typed

MOST_DIMENSIONS = 30
_OPTIONS = {"accountId", "color", "expression", "id", "label", "period", "region", "stat", "visible", "yAxis"}
_COLOR = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
_INSIGHTS = re.compile(r"\s*SELECT\s", re.IGNORECASE)


def metrics(path: str, rows: list[Any]) -> Findings:
    above: list[str] = []
    for at, row in enumerate(rows):
        where = f"{path}/{at}"
        if not isinstance(row, list):
            yield Finding(where, "Should be array")
            yield Finding(where, 'Field "metrics" has to be an array of array of strings, with an optional '
                                 "metricRenderer object as last element")  # fmt: skip
            continue
        options = row[-1] if row and isinstance(row[-1], dict) else {}
        words = row[:-1] if row and isinstance(row[-1], dict) else row
        yield from _row(where, words, options, above)
        if words and all(isinstance(word, str) for word in words):
            above = expanded(words, above)
    yield from _expressions(path, rows)


def _expressions(path: str, rows: list[Any]) -> Findings:
    """Ids are given once, and what an expression computes with is there."""
    given = [(f"{path}/{at}/{len(row) - 1}", row[-1]) for at, row in enumerate(rows)
             if isinstance(row, list) and row and isinstance(row[-1], dict)]  # fmt: skip
    ids: set[str] = set()
    queries = 0
    for where, options in given:
        name = options.get("id")
        if isinstance(name, str):
            if name in ids:
                yield Finding(f"{where}/id", "Should have a unique id")
            ids.add(name)
    for where, options in given:
        text = options.get("expression")
        if not isinstance(text, str):
            continue
        if _INSIGHTS.match(text):
            queries += 1
            if queries > 1:
                yield Finding(where, "Should NOT have more than 1 Metrics Insights query")
            continue
        for word in _used(text):
            if word not in ids:
                yield Finding(f"{where}/expression", f"Undefined variable {word}")


def _used(text: str) -> list[str]:
    """The names in an expression that are no functions and stand in no quotes."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|\$?\$\{[^}]*\}", " ", text)
    return [found[0] for found in re.finditer(r"(?<![\w.$])[a-z]\w*\b(?!\s*\()", bare)]


def expanded(words: list[str], above: list[str]) -> list[str]:
    """A row with its dots filled in from the row above; a dot with nothing above it stays."""
    out: list[str] = []
    for at, word in enumerate(words):
        if word == "...":
            out += above[len(out) : max(len(out), len(above) - (len(words) - at - 1))]
        elif word == "." and len(out) < len(above):
            out.append(above[len(out)])
        else:
            out.append(word)
    return out


def _row(path: str, words: list[Any], options: Mapping[str, Any], above: list[str]) -> Findings:
    yield from _options(path, len(words), options)
    if not words and "expression" in options:
        return
    wrong = [at for at, word in enumerate(words) if not isinstance(word, str)]
    for at in wrong:
        yield Finding(f"{path}/{at}", "Invalid metric field type, only 'String' type is allowed")
    if wrong:
        return
    full = expanded(words, above)
    if len(full) < 2:
        yield Finding(path, "Should NOT have less than 2 items")
    elif len(full) % 2:
        yield Finding(path, "Every dimension should have a name and a value", "warning")
    elif len(full) > 2 + 2 * MOST_DIMENSIONS:
        yield Finding(path, f"Should NOT have more than {2 + 2 * MOST_DIMENSIONS} items")
    for at, word in enumerate(full):
        if word in (".", "..."):
            yield Finding(f"{path}/{at}", "There is nothing above to repeat")


def _options(path: str, words: int, options: Mapping[str, Any]) -> Findings:
    """An object that is no options counts as one item too many: so the vendor puts it."""
    color = options.get("color", "#000000")
    if not options.keys() <= _OPTIONS or not (isinstance(color, str) and _COLOR.fullmatch(color)):
        yield Finding(path, f"Should NOT have more than {words} items")
        return
    at = f"{path}/{words}"
    yield from text(at, options, "accountId", "expression", "id", "label", "region")
    yield from typed(at, options, "boolean", "visible")
    yield from one_of(at, options, "yAxis", ("left", "right"))
    yield from period(at, options)
    yield from stat(at, options)
    if isinstance(options.get("id"), str) and not _ID.fullmatch(options["id"]):
        yield Finding(f"{at}/id", f"Should match pattern ^{_ID.pattern}$")
