"""The small checks that a dashboard's body is made of; each yields what is wrong, in the vendor's words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.cloudwatch.retention import is_period


@dataclass(frozen=True)
class Finding:
    path: str  # as /widgets/0/properties
    message: str
    severity: Literal["error", "warning"] = "error"


Findings = Iterator[Finding]
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "number": (int, float), "integer": int, "boolean": bool, "object": dict, "array": list,
}  # fmt: skip
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
_STAT = re.compile(
    r"SampleCount|Average|Sum|Minimum|Maximum|IQM|p(100|\d{1,2})(\.\d{1,10})?"
    r"|((tm|tc|ts|wm)\d{1,2}(\.\d{1,10})?)|((TM|TC|TS|WM|PR)\([\d.%]*:[\d.%]*\))",
    re.IGNORECASE,
)


def is_a(kind: str, value: Any) -> bool:
    """Whether JSON would call the value so: true and false are no numbers."""
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def required(path: str, given: Any, *names: str) -> Findings:
    for name in names:
        if isinstance(given, dict) and name not in given:
            yield Finding(path, f"Should have required property '{name}'")


def typed(path: str, given: Any, kind: str, *names: str) -> Findings:
    for name in names:
        if isinstance(given, dict) and name in given and not is_a(kind, given[name]):
            yield Finding(f"{path}/{name}", f"Should be {kind}")


def text(path: str, given: Any, *names: str) -> Findings:
    return typed(path, given, "string", *names)


def integer(path: str, given: Mapping[str, Any], name: str, least: int, most: int | None) -> Findings:
    if name not in given:
        return
    value = given[name]
    if not is_a("integer", value):
        yield Finding(f"{path}/{name}", "Should be integer")
    elif value < least:
        yield Finding(f"{path}/{name}", f"Should be >= {least}")
    elif most is not None and value > most:
        yield Finding(f"{path}/{name}", f"Should be <= {most}")


def one_of(path: str, given: Any, name: str, allowed: tuple[str, ...]) -> Findings:
    if isinstance(given, dict) and name in given and given[name] not in allowed:
        yield Finding(f"{path}/{name}", "Should be equal to one of the allowed values")


def array(path: str, value: Any, most: int | None, fewest: int = 0) -> Findings:
    if not isinstance(value, list):
        yield Finding(path, "Should be array")
    elif most is not None and len(value) > most:
        yield Finding(path, f"Should NOT have more than {most} items")
    elif len(value) < fewest:
        yield Finding(path, f"Should NOT have less than {fewest} items")


def matching(path: str, given: Any, name: str, pattern: re.Pattern[str], message: str) -> Findings:
    if isinstance(given, dict) and isinstance(given.get(name), str) and not pattern.fullmatch(given[name]):
        yield Finding(f"{path}/{name}", message)


def distinct(path: str, listed: Any, name: str) -> Findings:
    """Of a list of objects, the second that has a name."""
    seen: set[str] = set()
    for at, each in enumerate(listed if isinstance(listed, list) else []):
        value = each.get(name) if isinstance(each, dict) else None
        if isinstance(value, str) and value in seen:
            yield Finding(f"{path}/{at}/{name}", f"Should have a unique {name}")
        seen.update([value] if isinstance(value, str) else [])


def period(path: str, given: Mapping[str, Any]) -> Findings:
    if "period" not in given:
        return
    if not is_a("integer", given["period"]):
        yield Finding(f"{path}/period", "Should be integer")
    elif not is_period(given["period"]):
        yield Finding(f"{path}/period", "Should be multiple of 60")


def stat(path: str, given: Mapping[str, Any]) -> Findings:
    if "stat" in given and not (isinstance(given["stat"], str) and _STAT.fullmatch(given["stat"])):
        yield Finding(f"{path}/stat", f"Should match pattern {_STAT.pattern}")
