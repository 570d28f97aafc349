"""What a vendor's JSON looks like, as small checks made of smaller ones: a value goes in, what is wrong with it out.

A check answers with nothing where all is right, and builds paths only where something is not: thousands of widgets
pass through here.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal

Path = tuple[str | int, ...]
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a vendor's body."""

    path: Path  # in the value that was checked
    problem: str
    fix: str = ""
    severity: Severity = "error"

    def under(self, *path: str | int) -> "Problem":
        return replace(self, path=(*path, *self.path))

    @property
    def field(self) -> str:
        return ".".join(map(str, self.path))

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}{f' ({self.fix})' if self.fix else ''}"


Found = Sequence[Problem]
Check = Callable[[Any], Found]
RIGHT: Found = ()


def wrong(problem: str, fix: str = "", *path: str | int) -> Found:
    return (Problem(path, problem, fix),)


def warned(problem: str, fix: str = "", *path: str | int) -> Found:
    return (Problem(path, problem, fix, "warning"),)


def shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = {True: "true", False: "false", None: "null"}[value] if value is None or value is True or value is False \
        else str(value)
    return f"`{text[:60]}`"


def anything(value: Any) -> Found:  # noqa: ARG001
    return RIGHT


def boolean(value: Any) -> Found:
    return RIGHT if value is True or value is False else wrong(f"should be true or false, not {shown(value)}")


def nothing(value: Any) -> Found:
    return RIGHT if value is None else wrong(f"should be null, not {shown(value)}")


def text(*, least: int = 0, most: int | None = None, pattern: str = "", like: str = "") -> Check:
    """`like`: an example of what the pattern takes."""
    matches = re.compile(pattern).fullmatch if pattern else None

    def check(value: Any) -> Found:
        if not isinstance(value, str):
            return wrong(f"should be text, not {shown(value)}")
        if len(value) < least:
            return wrong("is empty" if not value else f"should be {least} characters at least")
        if most is not None and len(value) > most:
            return wrong(f"should be {most} characters at most, not {len(value)}")
        if matches and not matches(value):
            return wrong(f"{shown(value)} cannot be read",
                         f"write it as {like}" if like else f"it has to match {pattern}")
        return RIGHT

    return check


def number(least: float | None = None, most: float | None = None, *, whole: bool = False,
           above: float | None = None, below: float | None = None) -> Check:
    what = "a whole number" if whole else "a number"

    def check(value: Any) -> Found:
        kind = type(value)
        if kind is not int and (kind is not float or (whole and not value.is_integer())):
            return wrong(f"should be {what}, not {shown(value)}")
        if least is not None and value < least:
            return wrong(f"should be {least} or more, not {value}")
        if most is not None and value > most:
            return wrong(f"should be {most} or less, not {value}")
        if (above is not None and value <= above) or (below is not None and value >= below):
            return wrong(f"should be {'more' if above is not None else 'less'} than {above or below or 0}, not {value}")
        return RIGHT

    return check


def one_of(*allowed: Any) -> Check:
    known = frozenset(allowed)

    def check(value: Any) -> Found:
        try:
            if value in known and not isinstance(value, bool):
                return RIGHT
        except TypeError:
            pass  # a list or an object is in no set
        listed = [str(each) for each in sorted(known, key=str)]
        said = [meant(str(value), listed), f"allowed: {', '.join(listed)}"]
        return wrong(f"{shown(value)} is not allowed", " ".join(filter(None, said)))

    return check


def many(item: Check, least: int = 0, most: int | None = None) -> Check:
    def check(value: Any) -> Found:
        if not isinstance(value, list):
            return wrong(f"should be a list, not {shown(value)}")
        if len(value) < least:
            return wrong("is empty" if not value else f"should have {least} items at least, not {len(value)}")
        found: list[Problem] = []
        if most is not None and len(value) > most:
            found += wrong(f"should have {most} items at most, not {len(value)}")
        for at, each in enumerate(value):
            if wrong_inside := item(each):
                found += [problem.under(at) for problem in wrong_inside]
        return found

    return check


def mapping(item: Check) -> Check:
    """An object of any keys."""
    def check(value: Any) -> Found:
        if not isinstance(value, dict):
            return wrong(f"should be an object, not {shown(value)}")
        return [problem.under(key) for key, each in value.items() for problem in item(each)]

    return check


def shape(needed: Mapping[str, Check], allowed: Mapping[str, Check], unknown: Severity | Literal["typo"] | None,
          ) -> Check:
    """An object with these keys; `unknown`: how bad any other is, None where it is nothing at all.

    `typo`: an error where a known key was probably meant, else a warning.
    """
    known = {**allowed, **needed}
    musts = frozenset(needed)

    def check(value: Any) -> Found:
        if not isinstance(value, dict):
            return wrong(f"should be an object, not {shown(value)}")
        found: list[Problem] = []
        if not musts <= value.keys():
            found += [Problem((key,), "is missing", f"add {key}") for key in needed if key not in value]
        for key, each in value.items():
            inner = known.get(key)
            if inner is not None:
                if wrong_inside := inner(each):
                    found += [problem.under(key) for problem in wrong_inside]
            elif unknown is not None:
                near = meant(str(key), known)
                severity: Severity = "error" if unknown == "error" or (unknown == "typo" and near) else "warning"
                found.append(Problem((key,), "unknown key",
                                     near or f"known: {', '.join(sorted(known))}", severity))
        return found

    return check


def either(*checks: Check) -> Check:
    """What any of them takes; else what the one says that comes closest."""
    def check(value: Any) -> Found:
        nearest: Found = RIGHT
        for each in checks:
            found = each(value)
            if not found:
                return RIGHT
            if not nearest or closeness(found) < closeness(nearest):
                nearest = found
        return nearest

    return check


def later(make: Callable[[], Check]) -> Check:
    """A check that is made when it is first needed."""
    made: Check | None = None

    def check(value: Any) -> Found:
        nonlocal made
        if made is None:
            made = make()
        return made(value)

    return check


def closeness(found: Found) -> tuple[int, int]:
    """Less is closer: an error deep inside tells that the rest fits."""
    return -max(len(each.path) for each in found), len(found)


def meant(word: str, known: Iterable[str]) -> str:
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.75)
    return f"did you mean {by_lower[near[0]]}?" if near else ""
