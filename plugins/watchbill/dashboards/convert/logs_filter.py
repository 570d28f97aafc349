"""A search of Datadog's over logs -> the `filter` of a Logs Insights query.

Attributes and tags keep their names: `@http.status_code` is the field http.status_code of a JSON log, `service` the
field service. What a log must not be holds for one without the field too, as it does in Datadog.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html
"""

import re
from collections.abc import Callable, Iterator

from watchbill.model.languages.datadog_search import Compared, Every, Not, Search, Some, Term, Variable

EVERYTHING = ""
ChoiceOf = Callable[[str, str], str]
"""A variable's name and the attribute that it stands at ("" where it stands alone) -> a condition; "" for none."""

_PLAIN = re.compile(r"@?[A-Za-z_][A-Za-z0-9_.]*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MESSAGE = ("", "*", "message", "@message", "content")
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def condition(search: Search, choice_of: ChoiceOf) -> str:
    """Raises ValueError in words that follow `the search`."""
    names = set(_attributes(search))
    for name in sorted(names):
        if f"@{name}" in names:
            raise ValueError(f"names both the tag {name} and the attribute @{name}, which are one field in CloudWatch")
    return _said(search, choice_of, is_not=False)


def _attributes(search: Search) -> Iterator[str]:
    match search:
        case Not():
            yield from _attributes(search.of)
        case Every() | Some():
            for one in search.of:
                yield from _attributes(one)
        case _:
            yield search.attribute


def field(attribute: str) -> str:
    """Of Datadog's attribute `@duration` or tag `service`; in backticks where Logs Insights would not know its end."""
    name = attribute.removeprefix("@")
    if "`" in name:
        raise ValueError(f"names the attribute {attribute}, which Logs Insights cannot quote")
    return name if _PLAIN.fullmatch(name) else f"`{name}`"


def _said(search: Search, choice_of: ChoiceOf, is_not: bool) -> str:
    match search:
        case Not():
            return _said(search.of, choice_of, not is_not)
        case Every() | Some():
            parts = [_said(one, choice_of, is_not) for one in search.of]
            return _joined(parts, "and" if isinstance(search, Every) != is_not else "or")
        case Variable():
            said = choice_of(search.name, search.attribute)
            if said and is_not:
                return f"not ({said})"
            return said
        case Compared():
            return _compared(search, is_not)
    return _term(search, is_not)


def _joined(parts: list[str], word: str) -> str:
    """Nothing is everything: of "and" it adds nothing, in "or" all the rest is in vain."""
    if word == "or" and EVERYTHING in parts:
        return EVERYTHING
    kept = list(dict.fromkeys(part for part in parts if part != EVERYTHING))
    if len(kept) <= 1:
        return "".join(kept)
    return f" {word} ".join(f"({part})" if " or " in part or " and " in part else part for part in kept)


def _compared(search: Compared, is_not: bool) -> str:
    if not _NUMBER.fullmatch(search.value):
        raise ValueError(f"compares {search.attribute} with {search.value}, which is no number")
    name = field(search.attribute)
    if is_not:
        return f"not ispresent({name}) or {name} {_OPPOSITE[search.sign]} {search.value}"
    return f"{name} {search.sign} {search.value}"


def _term(search: Term, is_not: bool) -> str:
    if search.attribute in _MESSAGE:
        return _message(search, is_not)
    name = field(search.attribute)
    if search.value == "*" and not search.is_phrase:
        return f"not ispresent({name})" if is_not else f"ispresent({name})"
    if not search.is_phrase and re.search(r"[*?]", search.value):
        like = "not like" if is_not else "like"
        return _unless_absent(name, f"{name} {like} /^{_expression(search.value)}$/", is_not)
    sign = "!=" if is_not else "="
    return _unless_absent(name, f"{name} {sign} {_literal(search)}", is_not)


def _message(search: Term, is_not: bool) -> str:
    """Words are found whatever their case."""
    if search.value.strip("*") == "":
        if is_not:
            raise ValueError("asks for logs without a message")
        return EVERYTHING
    words = _escaped(search.value) if search.is_phrase else _expression(search.value.strip("*"))
    return f"@message {'not like' if is_not else 'like'} /(?i){words}/"


def _unless_absent(name: str, said: str, is_not: bool) -> str:
    return f"not ispresent({name}) or {said}" if is_not else said


def _expression(value: str) -> str:
    """Datadog's * and ? as a regular expression."""
    return _escaped(value).replace(r"\*", ".*").replace(r"\?", ".")


def _escaped(value: str) -> str:
    return re.escape(value).replace("/", r"\/").replace(r"\ ", " ")


def _literal(search: Term) -> str:
    if _NUMBER.fullmatch(search.value) and not search.is_phrase:
        return search.value
    return '"' + search.value.replace("\\", "\\\\").replace('"', '\\"') + '"'
