"""Whether an alert can come to a route: matchers in, what keeps every alert away out.

Values are known where a matcher names them: `a="x"`, or `a=~"x|y"` without other signs of expressions. About other
expressions nothing is claimed.
"""

import re
from collections.abc import Iterable

from watchbill.model.matchers import Matcher

_PLAIN = re.compile(r"[^\\.+*?()\[\]{}^$|]*(?:\|[^\\.+*?()\[\]{}^$|]*)*")
_WRAPPED = re.compile(r"\^?\((?:\?:)?([^()]*)\)\$?|\^([^()|]*)\$?|([^()|]*[^\\()|])\$")
_EVERYTHING = (".*", "(?s).*", "(?s:.*)")


def contradiction(matchers: Iterable[Matcher]) -> str:
    """Two matchers, or all of a label, that no value fulfils; "" where there are none."""
    for name, same in _by_name(matchers).items():
        known = _values(same)
        if known is not None and not any(_fulfils(value, same) for value in known):
            return _all(same)
        refused = next((one for one in same if one.op == "!~" and one.value in _EVERYTHING), None)
        opposed = next((one for one in same if one.op in ("=~", "=") and any(
            other.value == one.value and other.op == {"=~": "!~", "=": "!="}[one.op] for other in same)), None)
        if refused or opposed:
            return _all(same) if opposed else f"{refused} refuses every value of {name}"
    return ""


def first_blocking(matchers: Iterable[Matcher], earlier: Iterable[tuple[Matcher, ...]]) -> int | None:
    """The place of the first of `earlier` that every alert fulfils which fulfils `matchers`."""
    mine = _by_name(matchers)
    return next((place for place, others in enumerate(earlier)
                 if all(_implied(one, mine.get(one.name, [])) for one in others)), None)


def _implied(wanted: Matcher, same: list[Matcher]) -> bool:
    if wanted in same or (wanted.op == "=~" and wanted.value in _EVERYTHING):
        return True
    known = _values(same)
    if known is None:
        return False
    return all(wanted.matches_value(value) for value in known if _fulfils(value, same))


def _by_name(matchers: Iterable[Matcher]) -> dict[str, list[Matcher]]:
    found: dict[str, list[Matcher]] = {}
    for one in matchers:
        found.setdefault(one.name, []).append(one)
    return found


def _values(same: list[Matcher]) -> list[str] | None:
    """All values that one of the matchers leaves; None where none of them names its values."""
    for one in same:
        if one.op == "=":
            return [one.value]
    plain = [_unwrapped(one.value) for one in same if one.op == "=~"]
    named = [value.split("|") for value in plain if _PLAIN.fullmatch(value)]
    return min(named, key=len) if named else None


def _unwrapped(pattern: str) -> str:
    """Without the anchors and groups that change nothing: `^(?:a|b)$`, as match_re becomes."""
    if pattern.startswith("^(?:") and pattern.endswith(")$"):
        pattern = pattern[4:-2]
    while found := _WRAPPED.fullmatch(pattern):
        pattern = next(part for part in found.groups() if part is not None)
    return pattern


def _fulfils(value: str, same: list[Matcher]) -> bool:
    return all(one.matches_value(value) for one in same)


def _all(same: list[Matcher]) -> str:
    return f"no value fulfils {' and '.join(map(str, same))}"
