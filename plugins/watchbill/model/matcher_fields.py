"""What routes and inhibition rules are written in: values as text, names of labels, matchers of all three kinds."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from watchbill.model.matcher_text import parse_matchers
from watchbill.model.matchers import Matcher, matcher_order

_CLASSIC = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
# As tags and dimensions are called: Datadog's begin with a letter, CloudWatch's may have blanks.
_NAME = re.compile(r"[^\W\d][\w .:/@-]*")


def is_classic_name(name: str) -> bool:
    """Prometheus' names of labels of old: ASCII letters, digits and `_`."""
    return _CLASSIC.fullmatch(name) is not None


def is_utf8_name(name: str) -> bool:
    """Any text that is UTF-8 names a label in Alertmanager's newer grammar, but no empty one."""
    return bool(name) and not any("\ud800" <= sign <= "\udfff" for sign in name)


def is_label_name(name: str) -> bool:
    """Whether alerts can be grouped and compared by it."""
    return _NAME.fullmatch(name) is not None


def _text(value: Any) -> Any:
    """YAML reads `2` and `true` as something else; in Alertmanager every label value is text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _or_empty(value: Any) -> Any:
    return "" if value is None else _text(value)


def _classic(value: dict[str, str]) -> dict[str, str]:
    for name in value:
        if not is_classic_name(name):
            raise ValueError(f"invalid label name {name!r}; `matchers` take it in quotes")
    return value


def _regular(value: dict[str, str]) -> dict[str, str]:
    for name, pattern in value.items():
        Matcher(name, "=~", pattern)
    return value


def _matchers(value: Any) -> Any:
    if not isinstance(value, list | tuple) or not all(isinstance(line, str | Matcher) for line in value):
        raise ValueError("`matchers` is a list of texts, for example - severity=\"critical\"")
    parsed = [(line,) if isinstance(line, Matcher) else parse_matchers(line) for line in value]
    return tuple(matcher for matchers in parsed for matcher in matchers)


Text = Annotated[str, BeforeValidator(_text)]
Match = Annotated[dict[str, Annotated[str, BeforeValidator(_or_empty)]], AfterValidator(_classic)]
MatchRe = Annotated[dict[str, Text], AfterValidator(_classic), AfterValidator(_regular)]
Matchers = Annotated[tuple[Matcher, ...], BeforeValidator(_matchers)]


def all_matchers(match: Match, match_re: MatchRe, matchers: Matchers) -> tuple[Matcher, ...]:
    """All three ways to write it, in Alertmanager's order."""
    old = [Matcher(name, "=", value) for name, value in match.items()]
    old_re = [Matcher(name, "=~", f"^(?:{pattern})$") for name, pattern in match_re.items()]
    return tuple(sorted([*old, *old_re, *matchers], key=matcher_order))
