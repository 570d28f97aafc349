"""The Jinja environment of messages: sandboxed, undefined names refused, and no way to make much out of little."""

import html
import re
from collections.abc import Callable
from typing import Any

from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from markupsafe import Markup

from watchbill.model.templates.functions import FILTERS, FUNCTIONS, LONGEST, text
from watchbill.model.templates.functions import html as go_html

_STRING_METHODS = frozenset({
    "upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "partition",
    "rpartition", "startswith", "endswith", "removeprefix", "removesuffix", "find", "count", "isdigit", "isalpha",
})
_GAP = r"[\s\x00-\x1f]*"  # which mail programs pass over
_SCRIPT = re.compile(f"{_GAP}(?:(?:{_GAP.join('javascript')}|vbscript){_GAP}:|data:text/html)", re.IGNORECASE)
_LARGE_FILTERS = ("center", "indent", "format", "wordwrap", "xmlattr", "pprint", "random")
_LARGE_GLOBALS = ("lipsum", "cycler", "joiner", "dict")


class Budget:
    """What one rendering may still print and count."""

    def __init__(self, characters: int) -> None:
        self._characters, self._steps = characters, 100_000

    def printed(self, said: str) -> str:
        self._characters -= len(said)
        if self._characters < 0:
            raise ValueError("the template prints without end")
        return said

    def range(self, *bounds: int) -> range:
        found = range(*bounds)
        self._steps -= len(found)
        if self._steps < 0:
            raise ValueError("the template counts without end")
        return found


class _Kept(Namespace):
    """Jinja's namespace; what it keeps cannot be doubled for ever."""

    def __setitem__(self, name: str, value: Any) -> None:
        if hasattr(value, "__len__") and len(value) > LONGEST:
            raise ValueError(f"a variable grows beyond {LONGEST} characters")
        super().__setitem__(name, value)


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "+", "%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        numbers = all(isinstance(side, int | float) for side in (left, right))
        if operator == "**" or (operator in "*%" and not numbers):
            raise ValueError(f"`{operator}` is for numbers in a template")
        if numbers and max(abs(left), abs(right)) > 1e30:
            raise ValueError("a number grows without end")
        if not numbers and len(left) + len(right) > LONGEST:
            raise ValueError(f"a text grows beyond {LONGEST} characters")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str) and attr not in _STRING_METHODS:
            return False
        return super().is_safe_attribute(obj, attr, value)


def _no_script(said: str) -> str:
    """A label in an `href` must not run in a reader's mail program; Go writes #ZgotmplZ for such a link."""
    return f"#{said}" if _SCRIPT.match(said) else said


def environment(escape: Callable[[str], str]) -> ImmutableSandboxedEnvironment:
    """Everything that is printed goes through `escape`; `|safe` opens a way around it in HTML only."""
    trusted = escape is html.escape

    @pass_context
    def printed(context: Context, value: Any) -> Markup:
        said = str(value) if isinstance(value, Markup) else escape(_no_script(text(value)) if trusted else text(value))
        budget = context.get("_budget")
        return Markup(budget.printed(said) if budget else said)  # noqa: S704 - it has just been escaped

    jinja = _Sandbox(undefined=StrictUndefined, autoescape=True, finalize=printed, keep_trailing_newline=True,
                     extensions=["jinja2.ext.loopcontrols"])
    for name in _LARGE_FILTERS:
        del jinja.filters[name]
    for name in _LARGE_GLOBALS:
        del jinja.globals[name]
    jinja.filters |= FILTERS
    jinja.globals |= {**FUNCTIONS, "namespace": _Kept}
    if not trusted:
        jinja.filters |= {"safe": lambda value: value, "escape": go_html, "e": go_html, "forceescape": go_html}
    return jinja
