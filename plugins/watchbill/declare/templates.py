"""Templates of rules, read before they are needed at night: a text in, what is wrong with it out."""

import re
from functools import cache
from typing import Any

from watchbill.declare.files import close
from watchbill.model.rules import TEMPLATE_FILTERS, TEMPLATE_NAMES

_GO = re.compile(r"\{\{[^}]*\$")


def template_problem(text: str) -> tuple[str, str] | None:
    """A problem and its fix, or None."""
    if not any(sign in text for sign in ("{{", "{%", "{#")):
        return None
    if _GO.search(text):
        return "is a template of Go; here they are Jinja's", "write {{ value }} and {{ labels.name }}"
    from jinja2 import TemplateSyntaxError, meta, nodes  # takes 60 ms, which plain text can spare

    try:
        tree = _jinja().parse(text)
        filters = tuple(_jinja().filters)
        wrong = next((used.name for used in tree.find_all(nodes.Filter) if used.name not in filters), None)
        if wrong:
            return f"there is no filter `{wrong}`", _nearest(wrong, filters)
        unknown = sorted(meta.find_undeclared_variables(tree) - set(TEMPLATE_NAMES))
    except TemplateSyntaxError as error:
        return f"is no Jinja template: {error.message}", ""
    if unknown:
        return f"`{unknown[0]}` is unknown in a template", _nearest(unknown[0], TEMPLATE_NAMES)
    return None


def uses_value(text: str) -> bool:
    """Whether a sound template changes with the value."""
    if not any(sign in text for sign in ("{{", "{%")):
        return False
    from jinja2 import meta

    return "value" in meta.find_undeclared_variables(_jinja().parse(text))


@cache
def _jinja() -> Any:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    jinja = ImmutableSandboxedEnvironment()
    jinja.filters.update(dict.fromkeys(TEMPLATE_FILTERS, str))  # what they do is of no matter here
    return jinja


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = close(word, known)
    if near:
        return f"did you mean `{near}`?"
    return f"known: {', '.join(known)}" if len(known) < 10 else "Jinja's own are there, and humanize"
