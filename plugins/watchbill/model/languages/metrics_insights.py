"""A query of CloudWatch Metrics Insights -> the metric that it aggregates, of which dimensions, by which.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
"""

import re
from dataclasses import dataclass

from watchbill.model.languages.tokens import NotReadError


@dataclass(frozen=True, slots=True)
class Where:
    key: str
    values: tuple[str, ...]
    is_not: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    function: str  # AVG, COUNT, MAX, MIN or SUM
    metric: str
    namespace: str
    schema: tuple[str, ...] | None  # exactly these dimensions a series must have; None: whichever
    where: tuple[Where, ...] = ()
    group_by: tuple[str, ...] = ()
    order: str = ""  # "", ASC or DESC
    order_by: str = ""  # the function
    limit: int | None = None


_NAME = r'(?:"[^"]+"|[A-Za-z_][\w.]*)'
_QUERY = re.compile(
    rf"\s*SELECT\s+(?P<function>AVG|COUNT|MAX|MIN|SUM)\s*\(\s*(?P<metric>{_NAME})\s*\)"
    rf"\s+FROM\s+(?:SCHEMA\s*\(\s*(?P<schema>{_NAME}(?:\s*,\s*{_NAME})*)\s*\)|(?P<namespace>{_NAME}))"
    rf"(?:\s+WHERE\s+(?P<where>.+?))?"
    rf"(?:\s+GROUP\s+BY\s+(?P<group>{_NAME}(?:\s*,\s*{_NAME})*))?"
    rf"(?:\s+ORDER\s+BY\s+(?P<by>AVG|COUNT|MAX|MIN|SUM)\s*\(\s*\)(?:\s+(?P<order>ASC|DESC))?)?"
    rf"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*;?\s*", re.IGNORECASE | re.DOTALL)
_CONDITION = re.compile(
    rf"\s*(?P<key>{_NAME})\s*(?:(?P<sign>!?=)\s*'(?P<value>[^']*)'"
    rf"|(?P<no>NOT\s+)?IN\s*\(\s*(?P<values>'[^']*'(?:\s*,\s*'[^']*')*)\s*\))\s*", re.IGNORECASE)
_AND = re.compile(r"AND\b", re.IGNORECASE)


def parse(text: str) -> Select:
    """Raises NotReadError."""
    found = _QUERY.fullmatch(text)
    if found is None:
        raise NotReadError("is no query of Metrics Insights that can be read")
    schema = _named(found["schema"]) if found["schema"] else None
    namespace = schema[0] if schema else _named(found["namespace"])[0]
    return Select(
        found["function"].upper(), _named(found["metric"])[0], namespace, None if schema is None else schema[1:],
        _conditions(found["where"] or ""), _named(found["group"] or ""),
        (found["order"] or "ASC").upper() if found["by"] else "", (found["by"] or "").upper(),
        int(found["limit"]) if found["limit"] else None)


def _named(text: str) -> tuple[str, ...]:
    return tuple(word.strip('"') for word in re.findall(_NAME, text))


def _conditions(text: str) -> tuple[Where, ...]:
    """Those that AND joins: there is no one scope for what OR joins."""
    found: list[Where] = []
    at = 0
    while text[at:].strip():
        one = _CONDITION.match(text, at)
        if one is None:
            raise NotReadError(f"has a condition that cannot be read: {text[at:].strip()[:40]}")
        values = tuple(re.findall(r"'([^']*)'", one["values"])) if one["values"] else (one["value"],)
        found.append(Where(_named(one["key"])[0], values, one["sign"] == "!=" or bool(one["no"])))
        at = one.end()
        joint = _AND.match(text, at)
        if text[at:].strip() and joint is None:
            raise NotReadError("joins its conditions otherwise than by AND")
        at = joint.end() if joint else at
    return tuple(found)
