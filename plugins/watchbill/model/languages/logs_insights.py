"""A query of CloudWatch Logs Insights, as log widgets have it -> its log groups and its commands, each read.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import re
from dataclasses import dataclass, replace

from watchbill.model.languages.insights_filter import Condition, parse_filter
from watchbill.model.languages.tokens import NotReadError


@dataclass(frozen=True, slots=True)
class Sources:
    groups: tuple[str, ...] = ()  # names or ARNs
    prefixes: tuple[str, ...] = ()  # of names: of logGroups(namePrefix: […])


@dataclass(frozen=True, slots=True)
class Computed:
    """`count(*)`, `pct(@duration, 95) as p95`"""

    function: str  # in small letters
    field: str  # "" for all events
    percentile: float | None = None
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Stats:
    computed: tuple[Computed, ...]
    by: tuple[str, ...] = ()
    bin_s: int | None = None  # the width of the bins of time, where there are some


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What the commands say together; their order is checked, not kept."""

    fields: tuple[tuple[str, str], ...] = ()  # with their new names, "" for none
    filters: tuple[Condition, ...] = ()
    stats: Stats | None = None
    sort: tuple[str, str] | None = None  # the field; asc or desc
    limit: int | None = None
    limit_before_stats: bool = False


_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`"
_PIECE = re.compile(rf"(?:{_QUOTED}|(?<=like)\s*/(?:[^/\\]|\\.)*/|(?<==~)\s*/(?:[^/\\]|\\.)*/|[^|])+", re.DOTALL)
_SOURCE = re.compile(r"\s*SOURCE\s+(?P<what>.*)", re.IGNORECASE | re.DOTALL)
_GROUPS = re.compile(r"logGroups\s*\((?P<options>.*)\)\s*", re.IGNORECASE | re.DOTALL)
_PREFIXES = re.compile(r"namePrefix\s*:\s*\[(?P<list>[^\]]*)\]")
_TEXT = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_FIELD = r"(?:`[^`]+`|@?[A-Za-z_$][\w.@$\[\]{}-]*)"
_NAMED = re.compile(rf"\s*(?P<field>{_FIELD})(?:\s+as\s+(?P<alias>{_FIELD}))?\s*", re.IGNORECASE)
_COMPUTED = re.compile(
    rf"\s*(?P<function>\w+)\s*\(\s*(?P<field>\*|{_FIELD})?\s*(?:,\s*(?P<number>\d+(?:\.\d+)?)\s*)?\)"
    rf"(?:\s+as\s+(?P<alias>`[^`]+`|[\w@$]+))?\s*", re.IGNORECASE)
_BY = re.compile(r"\bby\b(?![^(]*\))", re.IGNORECASE)
_BIN = re.compile(r"\s*bin\s*\(\s*(?P<count>\d+)?\s*(?P<unit>[a-z]+)\s*\)(?:\s+as\s+\w+)?\s*", re.IGNORECASE)
_SORT = re.compile(rf"\s*(?P<field>{_FIELD}|\w+\(\*?{_FIELD}?\))(?:\s+(?P<order>asc|desc))?\s*", re.IGNORECASE)
_UNITS_S = {"ms": 0, "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600,
            "hour": 3600, "d": 86400, "day": 86400, "w": 604800, "week": 604800}


def split(text: str) -> tuple[Sources, str]:
    """The log groups of a widget's whole query, and the rest of it, as it is. Raises NotReadError."""
    groups, prefixes, at = list[str](), list[str](), 0
    while (piece := _PIECE.match(text, at)) and (source := _SOURCE.fullmatch(piece[0])):
        named = _GROUPS.fullmatch(source["what"])
        if named:
            prefixes += _prefixes(named["options"])
        else:
            groups += _texts(source["what"])
        at = min(len(text), piece.end() + 1)
    return Sources(tuple(groups), tuple(prefixes)), text[at:].strip()


def parse(commands: str) -> LogQuery:
    """Raises NotReadError, also for commands that are not read here."""
    found = LogQuery()
    for piece in _pieces(commands):
        word, _, rest = piece.partition(" ") if " " in piece else (piece, "", "")
        read = _COMMANDS.get(word.lower())
        if read is None:
            raise NotReadError(f"has the command {word[:30]}")
        found = read(found, rest.strip())
    return found


def _pieces(commands: str) -> list[str]:
    lines = (line for line in commands.splitlines() if not line.lstrip().startswith("#"))
    return [" ".join(found[0].split()) for found in _PIECE.finditer("\n".join(lines)) if found[0].strip()]


def _prefixes(options: str) -> list[str]:
    found = _PREFIXES.search(options)
    if found is None:
        raise NotReadError("names its log groups otherwise than by their prefix")
    return _texts(found["list"])


def _texts(text: str) -> list[str]:
    found = [one or other for one, other in _TEXT.findall(text)]
    if not found or _TEXT.sub("", text).strip(" ,\n\t"):
        raise NotReadError(f"names its log groups so that they cannot be read: {text.strip()[:40]}")
    return found


def _whole(pattern: re.Pattern[str], text: str, command: str) -> list[re.Match[str]]:
    """The items of a list between commas."""
    found, at = [], 0
    while True:
        one = pattern.match(text, at)
        if one is None:
            raise NotReadError(f"has {command} that cannot be read: {text[at:at + 40].strip()}")
        found.append(one)
        at = one.end()
        if at >= len(text):
            return found
        if text[at] != ",":
            raise NotReadError(f"computes in {command}: {text[at:at + 40].strip()}")
        at += 1


def _fields(query: LogQuery, text: str) -> LogQuery:
    named = tuple((_plain(one["field"]), _plain(one["alias"] or "")) for one in _whole(_NAMED, text, "fields"))
    return replace(query, fields=query.fields + named)


def _display(query: LogQuery, text: str) -> LogQuery:
    renamed = {alias: field for field, alias in query.fields if alias}
    names = [_plain(one["field"]) for one in _whole(_NAMED, text, "display")]
    return replace(query, fields=tuple((renamed.get(name, name), name if name in renamed else "") for name in names))


def _filter(query: LogQuery, text: str) -> LogQuery:
    if query.stats is not None:
        raise NotReadError("filters what it has computed")
    return replace(query, filters=(*query.filters, parse_filter(text)))


def _stats(query: LogQuery, text: str) -> LogQuery:
    if query.stats is not None:
        raise NotReadError("computes twice: stats of stats")
    parts = _BY.split(text)
    if len(parts) > 2:
        raise NotReadError("has stats that cannot be read")
    computed = tuple(_computed(one) for one in _whole(_COMPUTED, parts[0], "stats"))
    by, bin_s = _grouped(parts[1] if len(parts) > 1 else "")
    return replace(query, stats=Stats(computed, by, bin_s), sort=None, limit=None,
                 limit_before_stats=query.limit is not None)


def _computed(found: re.Match[str]) -> Computed:
    field = found["field"] or ""
    number = float(found["number"]) if found["number"] else None
    return Computed(found["function"].lower(), "" if field == "*" else _plain(field), number,
                    _plain(found["alias"] or ""))


def _grouped(text: str) -> tuple[tuple[str, ...], int | None]:
    by, bin_s = list[str](), None
    for part in filter(None, (part.strip() for part in text.split(","))):
        if found := _BIN.fullmatch(part):
            unit = _UNITS_S.get(found["unit"].lower().removesuffix("s") or "s", _UNITS_S.get(found["unit"].lower()))
            if unit is None:
                raise NotReadError(f"has bins of an unknown unit: {part[:40]}")
            bin_s = max(1, int(found["count"] or 1) * unit)
        elif named := _NAMED.fullmatch(part):
            by.append(_plain(named["field"]))
        else:
            raise NotReadError(f"groups by something computed: {part[:40]}")
    return tuple(by), bin_s


def _sort(query: LogQuery, text: str) -> LogQuery:
    found = _SORT.match(text)
    if found is None:
        raise NotReadError(f"sorts by something that cannot be read: {text[:40]}")
    return replace(query, sort=(_plain(found["field"]), (found["order"] or "asc").lower()))


def _limit(query: LogQuery, text: str) -> LogQuery:
    if not text.isdigit():
        raise NotReadError("has a limit that is no number")
    return replace(query, limit=int(text))


def _plain(name: str) -> str:
    return name.strip("`")


_COMMANDS = {"fields": _fields, "display": _display, "filter": _filter, "stats": _stats, "sort": _sort,
             "limit": _limit, "head": _limit}
