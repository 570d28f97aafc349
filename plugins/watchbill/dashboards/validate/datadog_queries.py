"""The queries of a Datadog widget: its definition in; names that are asked for and not there, or there twice, out."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from watchbill.dashboards.validate.shapes import Problem

_VARIABLE = re.compile(r"\$(?!\{)([A-Za-z_][\w.-]*)")
_NAME = re.compile(r"'[^']*'|\"[^\"]*\"|(?<![\w.$])[A-Za-z_]\w*(?![\w.]*\()")
_CONSTANTS = frozenset({"default_zero"})


def queries(definition: Mapping[str, Any], variables: set[str]) -> Iterator[Problem]:
    requests = definition.get("requests")
    if isinstance(requests, list):
        listed = [((at,), each) for at, each in enumerate(requests)]
    elif isinstance(requests, dict):
        listed = [((key,), each) for key, each in requests.items()]
    else:
        return
    for path, request in listed:
        if isinstance(request, dict):
            for problem in _request(request, variables):
                yield problem.under("requests", *path)


def _request(request: Mapping[str, Any], variables: set[str]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    given = request.get("queries")
    for at, query in enumerate(given if isinstance(given, list) else []):
        if not isinstance(query, dict):
            continue
        name, text = query.get("name"), query.get("query")
        if isinstance(name, str) and first.setdefault(name, at) != at:
            yield Problem(("queries", at, "name"), f"queries[{first[name]}] is called {name} too", "rename one")
        if isinstance(text, str):
            yield from _unbalanced(("queries", at, "query"), text)
            yield from _unknown(("queries", at, "query"), text, variables)
    if isinstance(request.get("q"), str):
        yield from _unbalanced(("q",), request["q"])
        yield from _unknown(("q",), request["q"], variables)
    formulas = request.get("formulas")
    for at, formula in enumerate(formulas if isinstance(formulas, list) else []):
        text = formula.get("formula") if isinstance(formula, dict) else None
        if isinstance(text, str) and first:
            for word in dict.fromkeys(_NAME.findall(text)):
                if word[0] not in "'\"" and word not in first and word not in _CONSTANTS and not _is_word(text, word):
                    yield Problem(("formulas", at, "formula"), f"no query is called {word}",
                                  f"known: {', '.join(first)}")


def _is_word(text: str, word: str) -> bool:
    """Whether it is a function, or a name of one inside of a call's words."""
    return bool(re.search(rf"\b{re.escape(word)}\s*\(", text))


def _unbalanced(path: tuple[str | int, ...], text: str) -> Iterator[Problem]:
    for opened, closed in ("{}", "()"):
        if text.count(opened) != text.count(closed):
            yield Problem(path, f"has {text.count(opened)} `{opened}` and {text.count(closed)} `{closed}`",
                          "close what was opened")
            return


def _unknown(path: tuple[str | int, ...], text: str, variables: set[str]) -> Iterator[Problem]:
    """A variable that the dashboard does not have is taken as text, and the widget shows nothing."""
    for name in dict.fromkeys(_VARIABLE.findall(text)) if "$" in text else ():
        if name not in variables and name.removesuffix(".value") not in variables \
                and name.removesuffix(".key") not in variables:
            known = ", ".join(sorted(variables))
            yield Problem(path, f"the dashboard has no variable {name}",
                          f"known: {known}" if known else "add it to the dashboard's variables", "warning")
