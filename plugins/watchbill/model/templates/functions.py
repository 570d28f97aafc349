"""What a template may call beside Jinja's own: functions and filters of Alertmanager's and Go's templates."""

import json
import math
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import re2

from watchbill.model.templates.data import Labels, Struct
from watchbill.model.templates.times import Duration, Time, read_time

LONGEST = 100_000  # characters of one text that a template makes
_VERB = re.compile(r"%(?P<flags>[-+ 0#]*)(?P<width>\d*)(?P<exact>\.\d*)?(?P<verb>[a-zA-Z%])")
_WORD = re.compile(r"\w+(?:[.:'’·]\w+)*")
_QUIET = re2.Options()
_QUIET.log_errors = False


def text(value: Any) -> str:
    """As Go prints it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if value == int(value or 0) and abs(value) < 1e21 and math.isfinite(value) else repr(value)
    if isinstance(value, list) and type(value).__str__ is list.__str__:
        return f"[{' '.join(map(text, value))}]"
    return str(value)


def printf(form: str, *values: Any) -> str:
    """Go's verbs that make sense of texts and numbers. Raises ValueError."""
    left, out, at = list(values), "", 0
    for found in _VERB.finditer(form):
        out += form[at:found.start()]
        at = found.end()
        if found["verb"] == "%":
            out += "%"
            continue
        out += _written(found, left.pop(0)) if left else f"%!{found['verb']}(MISSING)"
        _bounded(out)
    return out + form[at:]


def _written(found: re.Match[str], value: Any) -> str:
    width, exact = int(found["width"] or 0), found["exact"]
    if width > 1000 or len(exact or "") > 4:
        raise ValueError("printf pads to at most 1000 signs")
    verb, flags = found["verb"], found["flags"]
    if verb in "vs":
        said = text(value)[:int(exact[1:] or 0)] if exact else text(value)
        return said.ljust(width) if "-" in flags else said.rjust(width)
    if verb == "q":
        return json.dumps(text(value), ensure_ascii=False).rjust(width)
    if verb == "t":
        return text(value).rjust(width)
    number = float(value) if verb in "feEgG" else int(value)
    return str(f"%{flags}{width or ''}{exact or ''}{verb}" % number)


def go_print(*values: Any) -> str:
    """Blanks between operands of which neither is text."""
    out = ""
    for place, value in enumerate(values):
        apart = place and not isinstance(value, str) and not isinstance(values[place - 1], str)
        out += f"{' ' if apart else ''}{text(value)}"
    return _bounded(out)


def println(*values: Any) -> str:
    return _bounded(" ".join(map(text, values)) + "\n")


def re_replace_all(value: str, pattern: str, replacement: str) -> str:
    """RE2, as in Go: `$1`, `${name}`."""
    def put(found: Any) -> str:
        return re.sub(r"\$(?:\{(\w+)\}|(\w+)|(\$))", lambda one: _group(found, one), replacement)
    return _bounded(str(re2.compile(pattern, _QUIET).sub(put, str(value))))


def _group(found: Any, one: re.Match[str]) -> str:
    name = one[1] or one[2]
    if one[3]:
        return "$"
    try:
        return found[int(name)] or "" if name.isdigit() else found[name] or ""
    except (IndexError, KeyError):
        return ""


def match(value: str, pattern: str) -> bool:
    """Anywhere in the text, as in Go."""
    return re2.compile(pattern, _QUIET).search(str(value)) is not None


def title(value: Any) -> str:
    """Each word with its first letter in capitals and the rest in small, words as Unicode parts them."""
    return _WORD.sub(lambda found: _capital(found[0]), text(value))


def _capital(word: str) -> str:
    first = next((place for place, sign in enumerate(word) if sign.lower() != sign.upper()), len(word))
    return word[:first] + word[first:first + 1].title() + word[first + 1:].lower()


def html(value: Any) -> str:
    """With the entities that Go writes."""
    return escape(text(value)).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def each(value: Any) -> list[Any]:
    """What Go's `range` goes over: the values of labels, the items of a list."""
    if isinstance(value, Labels):
        return [value[name] for name in value]
    if isinstance(value, Mapping):
        return [value[name] for name in sorted(value)]
    return list(value or ())


def entries(value: Any) -> Iterator[tuple[Any, Any]]:
    """With its name or place."""
    if isinstance(value, Labels):
        return ((name, value[name]) for name in value)
    if isinstance(value, Mapping):
        return ((name, value[name]) for name in sorted(value))
    return enumerate(value or ())


def humanize_duration(value: Any) -> str:
    """Seconds as `1d 2h 3m 4s`; below a second in three digits."""
    seconds = value.span.total_seconds() if isinstance(value, Duration) else float(value)
    if not math.isfinite(seconds) or seconds == 0:
        return f"{seconds:.4g}{'s' if seconds == 0 else ''}"
    sign, whole = "-" if seconds < 0 else "", int(abs(seconds))
    if abs(seconds) < 1:
        for unit in ("s", "ms", "us", "ns"):
            if abs(seconds) >= 1 or unit == "ns":
                return f"{seconds:.4g}{unit}"
            seconds *= 1000
    parts = ((whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "m"), (whole % 60, "s"))
    begun = next((place for place, (count, _) in enumerate(parts) if count), 3)
    if begun == 3:
        return f"{seconds:.4g}s"
    return sign + " ".join(f"{count}{unit}" for count, unit in parts[begun:])


def to_json(value: Any) -> str:
    """As Go writes it: without blanks, names in order, and without signs that mean something in HTML."""
    said = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
    return _bounded(re.sub("[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", said))


def _plain(value: Any) -> Any:
    if isinstance(value, Labels):
        return {name: value[name] for name in value}
    if isinstance(value, Mapping):
        return {str(name): _plain(value[name]) for name in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Struct):
        return {f"{name[0].lower()}{name[1:]}": _plain(value[name]) for name in value.names()}
    if isinstance(value, Time):
        return value["Format"]("2006-01-02T15:04:05.999999999Z07:00")
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def must_to_date(value: str, layout: str) -> Time:
    """Raises ValueError."""
    return read_time(value, layout)


def to_date(value: str, layout: str) -> Time:
    """Go's zero time where the text is none."""
    try:
        return read_time(value, layout)
    except ValueError:
        return Time(None)


def base64_encode(value: str) -> str:
    """With the alphabet that may stand in a URL."""
    return urlsafe_b64encode(str(value).encode("utf-8", "replace")).decode()


def base64_decode(value: str) -> str:
    """Raises ValueError."""
    return urlsafe_b64decode(str(value).encode()).decode()


def tz(value: Time, zone: str) -> Time:
    return value.at(zone)


def _bounded(made: str) -> str:
    if len(made) > LONGEST:
        raise ValueError(f"a text grows beyond {LONGEST} characters")
    return made


def fail(problem: str) -> str:
    """Raises ValueError: stands where a template could not be translated."""
    raise ValueError(problem)


FUNCTIONS = {"fail": fail, "printf": printf, "print": go_print, "println": println}
FILTERS = {
    "title": title,
    "reReplaceAll": re_replace_all, "match": match, "each": each, "entries": entries, "tz": tz, "toJson": to_json,
    "humanizeDuration": humanize_duration, "urlUnescape": lambda value: unquote_plus(str(value)),
    "toDate": to_date, "mustToDate": must_to_date, "base64encode": base64_encode, "base64decode": base64_decode,
    "urlquery": lambda value: quote_plus(text(value)),
}


def names() -> Iterable[str]:
    return (*FUNCTIONS, *FILTERS)
