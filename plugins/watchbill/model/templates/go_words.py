"""What Alertmanager's templates know: the fields of each kind of value, and how each function is said in Jinja.

https://prometheus.io/docs/alerting/latest/notifications/ and https://pkg.go.dev/text/template#hdr-Functions
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

DATA: Mapping[str, str] = {
    "Receiver": "text", "Status": "text", "Alerts": "alerts", "GroupLabels": "kv", "CommonLabels": "kv",
    "CommonAnnotations": "kv", "ExternalURL": "text", "GroupKey": "text", "RouteLabels": "kv",
    "ReceiverLabels": "kv", "NotificationReason": "text",
}
"""Of a message, by the kind of value; also the names that a Jinja template has."""
FIELDS: Mapping[str, Mapping[str, str]] = {
    "data": DATA,
    "alert": {"Status": "text", "Labels": "kv", "Annotations": "kv", "StartsAt": "time", "EndsAt": "time",
              "GeneratorURL": "text", "Fingerprint": "text", "Metadata": "kv"},
    "alerts": {"Firing": "alerts", "Resolved": "alerts"},
    "kv": {"SortedPairs": "pairs", "Remove": "kv", "Names": "texts", "Values": "texts"},
    "pairs": {"Names": "texts", "Values": "texts"},
    "texts": {"Join": "text"},
    "pair": {"Name": "text", "Value": "text"},
    "time": {"Format": "text", "Unix": "number", "UTC": "time", "Local": "time", "Sub": "duration", "Year": "number",
             "Month": "text", "Day": "number", "Hour": "number", "Minute": "number", "Second": "number",
             "Weekday": "text", "IsZero": "bool", "Before": "bool", "After": "bool", "Equal": "bool",
             "String": "text"},
    "duration": {"Seconds": "number", "Minutes": "number", "Hours": "number", "String": "text"},
}
ITEMS: Mapping[str, str] = {"alerts": "alert", "pairs": "pair", "texts": "text", "kv": "text"}
"""What `range` finds in it."""
METHODS = ("Remove", "Join", "Format", "Sub", "Before", "After", "Equal")  # take an argument
NO_ARGUMENT = ("Unix", "UTC", "Local", "Year", "Month", "Day", "Hour", "Minute", "Second", "Weekday", "IsZero",
               "String", "Seconds", "Minutes", "Hours")  # methods that take none: called in Jinja


@dataclass(frozen=True)
class Expr:
    """An expression in Jinja and the kind of its value; `tight`: it needs no parentheses around it."""

    text: str
    kind: str = "any"
    tight: bool = True

    @property
    def closed(self) -> str:
        return self.text if self.tight else f"({self.text})"

    @property
    def owner(self) -> str:
        """As it stands before a dot or a bracket, where a filter would end."""
        return f"({self.text})" if not self.tight or "|" in self.text else self.text


class Function(NamedTuple):
    least: int
    most: int | None  # None: any number
    say: Callable[[Sequence[Expr]], Expr]


def _filter(name: str, kind: str = "text") -> Callable[[Sequence[Expr]], Expr]:
    """The last argument of Go is what Jinja filters."""
    def say(given: Sequence[Expr]) -> Expr:
        inside = ", ".join(one.text for one in given[:-1])
        return Expr(f"{given[-1].closed}|{name}{f'({inside})' if inside else ''}", kind)
    return say


def _call(name: str, kind: str = "text") -> Callable[[Sequence[Expr]], Expr]:
    return lambda given: Expr(f"{name}({', '.join(one.text for one in given)})", kind)


def _compare(sign: str) -> Callable[[Sequence[Expr]], Expr]:
    return lambda given: Expr(f"{given[0].closed} {sign} {given[1].closed}", "bool", tight=False)


def _eq(given: Sequence[Expr]) -> Expr:
    if len(given) == 2:
        return _compare("==")(given)
    return Expr(f"{given[0].closed} in [{', '.join(one.text for one in given[1:])}]", "bool", tight=False)


def _logic(word: str) -> Callable[[Sequence[Expr]], Expr]:
    def say(given: Sequence[Expr]) -> Expr:
        kind = given[0].kind if len({one.kind for one in given}) == 1 else "any"
        return Expr(f" {word} ".join(one.closed for one in given), kind, tight=len(given) == 1 and given[0].tight)
    return say


def _index(given: Sequence[Expr]) -> Expr:
    inside = "".join(f"[{one.text}]" for one in given[1:])
    kind = ITEMS.get(given[0].kind, "any") if len(given) == 2 else "any"
    return Expr(given[0].owner + inside, kind if len(given) > 1 else given[0].kind)


def _slice(given: Sequence[Expr]) -> Expr:
    ends = [one.text for one in given[1:]] + [""] * (3 - len(given))
    return Expr(f"{given[0].owner}[{':'.join(ends)}]", given[0].kind)


def _dict(given: Sequence[Expr]) -> Expr:
    pairs = zip(given[::2], given[1::2], strict=False)
    return Expr("{" + ", ".join(f"{name.text}: {value.text}" for name, value in pairs) + "}", "any")


FUNCTIONS: Mapping[str, Function] = {
    "toUpper": Function(1, 1, _filter("upper")),
    "toLower": Function(1, 1, _filter("lower")),
    "title": Function(1, 1, _filter("title")),
    "trimSpace": Function(1, 1, _filter("trim")),
    "join": Function(2, 2, _filter("join")),
    "match": Function(2, 2, _filter("match", "bool")),
    "reReplaceAll": Function(3, 3, _filter("reReplaceAll")),
    "safeHtml": Function(1, 1, _filter("safe")),
    "safeUrl": Function(1, 1, lambda given: given[0]),
    "urlUnescape": Function(1, 1, _filter("urlUnescape")),
    "stringSlice": Function(0, None, lambda given: Expr(f"[{', '.join(one.text for one in given)}]", "texts")),
    "list": Function(0, None, lambda given: Expr(f"[{', '.join(one.text for one in given)}]")),
    "date": Function(2, 2, lambda given: Expr(f"{given[1].owner}.Format({given[0].text})", "text")),
    "tz": Function(2, 2, _filter("tz", "time")),
    "humanizeDuration": Function(1, 1, _filter("humanizeDuration")),
    "toJson": Function(1, 1, _filter("toJson")),
    "toDate": Function(2, 2, _filter("toDate", "time")),
    "mustToDate": Function(2, 2, _filter("mustToDate", "time")),
    "base64encode": Function(1, 1, _filter("base64encode")),
    "base64decode": Function(1, 1, _filter("base64decode")),
    "routeLabels": Function(1, 1, _call("routeLabels")),
    "dict": Function(0, None, _dict),
    "append": Function(1, None, lambda given: Expr(
        f"{given[0].closed} + [{', '.join(one.text for one in given[1:])}]", tight=False)),
    "len": Function(1, 1, _filter("length", "number")),
    "index": Function(1, None, _index),
    "slice": Function(1, 3, _slice),
    "print": Function(0, None, _call("print")),
    "println": Function(0, None, _call("println")),
    "printf": Function(1, None, _call("printf")),
    "html": Function(1, 1, _filter("escape")),
    "urlquery": Function(1, 1, _filter("urlquery")),
    "eq": Function(2, None, _eq),
    "ne": Function(2, 2, _compare("!=")),
    "lt": Function(2, 2, _compare("<")),
    "le": Function(2, 2, _compare("<=")),
    "gt": Function(2, 2, _compare(">")),
    "ge": Function(2, 2, _compare(">=")),
    "and": Function(1, None, _logic("and")),
    "or": Function(1, None, _logic("or")),
    "not": Function(1, 1, lambda given: Expr(f"not {given[0].closed}", "bool", tight=False)),
}
ELSEWHERE: Mapping[str, str] = {
    "since": "for how long it lasted write {{ (alert.EndsAt.Sub(alert.StartsAt))|humanizeDuration }}",
    "now": "a message is rendered again on every try: write {{ alert.StartsAt.Format(\"15:04\") }}",
    "js": "write {{ value|toJson }}",
    "call": "write {{ value.method(argument) }}",
    "value": "values are in {{ alert.Metadata.value }}",
    "query": "a message asks no Prometheus; values are in {{ alert.Metadata.value }}",
    "humanize": "write {{ alert.Annotations.summary }}, and humanize in the rule's own annotation",
    "default": "write {{ Labels.team or \"none\" }} in Jinja: or \"none\" of Go becomes the same",
    "replace": "write {{ value|replace(\"old\", \"new\") }} in Jinja",
    "contains": "write {{ \"part\" in value }} in Jinja",
    "trim": "write {{ value|trim }} in Jinja, trimSpace in Go",
}
"""Functions of neighbours (sprig, Prometheus, newer Go), and what to write instead."""
