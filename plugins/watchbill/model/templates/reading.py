"""Whatever people write into alerting.yaml, as Jinja: a template of Go's or of Jinja and the template files in.

Which of the two it is, the text tells: `{{ .Status }}` is Go's, `{{ Status }}` is Jinja's.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from watchbill.model.templates.go_lexer import TemplateError
from watchbill.model.templates.go_tree import KEYWORDS, Node, parse
from watchbill.model.templates.go_words import DATA
from watchbill.model.templates.rendering import compiled, is_plain
from watchbill.model.templates.standard import STANDARD
from watchbill.model.templates.to_jinja import to_jinja

_GO = re.compile(r"\{\{-?\s*(?:\.|\$|/\*|\(|`|[a-zA-Z]+\s+[.$(]|(?:" + "|".join(KEYWORDS) + r")\b)")
_JINJA = re.compile(r"\{%|\{#")
_MACRO = re.compile(r"\{%-?\s*macro\b.*?\bendmacro\s*-?%\}", re.DOTALL)


@cache
def _standard() -> Mapping[str, list[Node]]:
    return parse(STANDARD).defined


@dataclass(frozen=True)
class Library:
    """What template files define: Go's templates by name, and macros of Jinja."""

    defined: Mapping[str, list[Node]] = field(default_factory=_standard)
    macros: str = ""

    def with_file(self, text: str) -> "Library":
        """And those of one more file, which may define one again. Raises TemplateError with the line."""
        if not is_go(text):
            found = "".join(_MACRO.findall(text))
            compiled(found)
            return Library(self.defined, self.macros + found)
        return Library({**self.defined, **parse(text).defined}, self.macros)


def defined_problems(text: str, library: Library) -> Iterator[TemplateError]:
    """What is wrong with the templates that a file defines, before anybody calls them."""
    if not is_go(text):
        return
    for nodes in parse(text).defined.values():
        try:
            to_jinja(nodes, library.defined, dot="any")
        except TemplateError as error:
            yield error


def is_go(text: str) -> bool:
    if _GO.search(text):
        return True
    if "{{" not in text or _JINJA.search(text):
        return False
    try:
        to_jinja(parse(text).nodes, {})
    except TemplateError:
        return False
    return True


def as_jinja(text: str, library: Library) -> str:
    """A template that stands by itself. Raises TemplateError with the line, and with what to write instead."""
    if is_plain(text):
        return text
    if is_go(text):
        parsed = parse(text)
        made = to_jinja(parsed.nodes, {**library.defined, **parsed.defined})
        compiled(made)
        return made
    made = library.macros + text if "(" in text else text
    _check(made, library.macros.count("\n") if made is not text else 0)
    return made


def as_jinja_or_failing(text: str, library: Library) -> str:
    """The same; one that cannot be used becomes one that fails with the reason when it is rendered."""
    try:
        return as_jinja(text, library)
    except TemplateError as error:
        return f"{{{{ fail({json.dumps(error.problem, ensure_ascii=False)}) }}}}"


def _check(template: str, lines_before: int) -> None:
    """Filters and names that are not there would fail at night."""
    from jinja2 import meta, nodes

    jinja: Any = compiled("").environment
    try:
        compiled(template)
        tree = jinja.parse(template)
    except TemplateError as error:
        raise TemplateError(error.problem, max(error.line - lines_before, 1)) from error
    wrong = next((used for used in tree.find_all(nodes.Filter) if used.name not in jinja.filters), None)
    if wrong:
        raise TemplateError(f"there is no filter `{wrong.name}`", wrong.lineno - lines_before)
    unknown = sorted(meta.find_undeclared_variables(tree) - {*DATA, "Data", *jinja.globals, "range", "routeLabels"})
    if unknown:
        raise TemplateError(f"`{unknown[0]}` is unknown in a message", 1, f"known: {', '.join(DATA)}")
