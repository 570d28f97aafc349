"""The filters of a CloudWatch Logs Insights query -> one search of Datadog's.

    level = "ERROR" and @message like /time ?out/      ->      (@level:ERROR OR status:error) …

docs.datadoghq.com/logs/explorer/search_syntax. Attributes are those of Datadog's forwarder, which keeps a log's JSON as
it is and puts CloudWatch's own words below @aws.awslogs.
"""

import re
from collections.abc import Iterable

from watchbill.model.languages.insights_filter import Compared, Condition, Joined, Negated

FIELDS = {"@logStream": "@aws.awslogs.logStream", "@log": "@aws.awslogs.logGroup", "@timestamp": "timestamp",
          "@message": "message", "@ingestionTime": ""}
_MESSAGES = ("@message", "message", "msg", "log")
"""Datadog takes the text of an event from these."""
_STATUSES = ("level", "severity", "status", "syslog.severity")
"""And its status from these: docs.datadoghq.com/logs/log_configuration/pipelines, preprocessing of JSON logs."""
_STATUS = {"emerg": "emergency", "emergency": "emergency", "fatal": "critical", "critical": "critical", "crit":
           "critical", "alert": "alert", "err": "error", "error": "error", "warn": "warn", "warning": "warn",
           "notice": "notice", "info": "info", "debug": "debug", "trace": "debug", "ok": "ok"}
_SPECIAL = re.compile(r'([-+=&|><!(){}\[\]^"“”~*?:\\#,; \t])')
_WORD = re.compile(r"[\w./@-]+")
_GROUPED = re.compile(r"(?:\(\?:?([^()]*)\)|\(([^()]*)\))")
_LITERAL = re.compile(r"(?:\\[^A-Za-z0-9]|[^\\.*+?()\[\]{}^$|])+")


class UnsaidError(ValueError):
    """Datadog cannot search so; the text says for what."""


def search(filters: Iterable[Condition], lost: list[str]) -> str:
    """All of them together, "" for none. Raises UnsaidError. What is found otherwise is told in `lost`."""
    return " ".join(_said(each, lost, inside=True) for each in filters)


def attribute(field: str) -> str:
    """Datadog's name. Raises UnsaidError for fields that CloudWatch alone finds in an event."""
    if field in FIELDS:
        if not FIELDS[field]:
            raise UnsaidError(f"{field} is CloudWatch's own")
        return FIELDS[field]
    if field.startswith("@"):
        raise UnsaidError(f"{field} is CloudWatch's own")
    return f"@{field}"


def escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _said(condition: Condition, lost: list[str], *, inside: bool) -> str:
    """`inside`: of a row of terms that all hold, where what OR joins needs brackets."""
    match condition:
        case Joined(operator="and", parts=parts):
            text = " ".join(_said(each, lost, inside=True) for each in parts)
            return text if inside else f"({text})"
        case Joined(parts=parts):
            return f"({' OR '.join(_said(each, lost, inside=False) for each in parts)})"
        case Negated(part=Negated(part=part)):
            return _said(part, lost, inside=inside)
        case Negated(part=part):
            return f"-{_said(part, lost, inside=False)}"
        case Compared():
            return _compared(condition, lost)


def _compared(condition: Compared, lost: list[str]) -> str:
    field, operator, value = condition.field, condition.operator, condition.value
    if operator in ("=~", "like"):
        return _contains(field, _words(str(value)) if operator == "=~" else [str(value)],
                         lost, minds_case=operator == "like" or not str(value).startswith("(?i)"))
    if operator == "present":
        return "*" if field == "@message" else _each(field, "*")
    if field == "@timestamp":
        raise UnsaidError("it compares @timestamp, which the span of the dashboard does")
    if field in _MESSAGES and operator in ("=", "!="):
        return _message(field, str(value), lost, is_not=operator == "!=")
    if operator == "!=":
        return f"-{_equals(field, value)}"
    if operator == "=":
        return _equals(field, value)
    if isinstance(value, str):
        raise UnsaidError(f"it compares {field} with a text by {operator}")
    return f"{attribute(field)}:{operator}{value:.15g}"


def _message(field: str, text: str, lost: list[str], *, is_not: bool) -> str:
    """A JSON log's msg becomes its message, which a search looks for words in."""
    lost.append("its search finds what a message contains, not what it is")
    kept = text.replace("\\", "\\\\").replace('"', '\\"')
    found = f'"{kept}"' if field == "@message" else f'(@{field}:{_quoted(text)} OR "{kept}")'
    return f"-{found}" if is_not else found


def _equals(field: str, value: str | float) -> str:
    if not isinstance(value, str):
        return f"{attribute(field)}:{value:.15g}"
    plain = f"{attribute(field)}:{_quoted(value)}"
    status = _STATUS.get(value.lower()) if field in _STATUSES else None
    return f"({plain} OR status:{status})" if status else plain


def _quoted(value: str) -> str:
    if re.fullmatch(r"[\w./-]+", value) and not value.startswith("-"):
        return value
    kept = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{kept}"'


def _contains(field: str, wanted: list[str], lost: list[str], *, minds_case: bool) -> str:
    if minds_case != (field not in _MESSAGES) and any(text.lower() != text.upper() for text in wanted):
        lost.append(f"its search {'does not mind' if minds_case else 'minds'} upper and lower case")
    terms = [_term(field, text, lost) for text in wanted]
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"


def _term(field: str, text: str, lost: list[str]) -> str:
    if not text:
        raise UnsaidError("it searches for nothing")
    if field not in _MESSAGES:
        return f"{attribute(field)}:*{escaped(text)}*"
    if not _WORD.fullmatch(text):
        lost.append("its search finds phrases by whole words")
        kept = text.replace("\\", "\\\\").replace('"', '\\"')
        phrase = f'"{kept}"'
        return phrase if field == "@message" else f"({phrase} OR @{field}:*{escaped(text)}*)"
    return f"*{escaped(text)}*" if field == "@message" else f"(*{escaped(text)}* OR @{field}:*{escaped(text)}*)"


def _each(field: str, value: str) -> str:
    return f"({attribute(field)}:{value} OR {value})" if field in _MESSAGES else f"{attribute(field)}:{value}"


def _words(pattern: str) -> list[str]:
    """The texts that a regular expression of plain words finds, any of them. Raises UnsaidError for any other."""
    text = pattern.removeprefix("(?i)")
    found = _GROUPED.fullmatch(text)
    text = (found[1] if found[1] is not None else found[2]) if found else text
    words = [re.sub(r"^(\.\*)+|(\.\*)+$", "", word) for word in text.split("|")]
    for word in words:
        if not _LITERAL.fullmatch(word):
            raise UnsaidError(f"it searches by the regular expression /{pattern[:60]}/")
    return [re.sub(r"\\(.)", r"\1", word) for word in words]
