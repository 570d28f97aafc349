"""CloudWatch's composite alarms: their rules as expressions over the alerts that the other alarms became.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from watchbill.model.alert_expression import alert_names
from watchbill.rules.importing.cloudwatch_actions import tell_the_rest
from watchbill.rules.importing.imported import Imported, ImpossibleError, as_text

_WORD = re.compile(r'\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"(?P<quoted>[^"]*)"|\'(?P<single>[^\']*)\''
                   r'|(?P<name>[^"\'()]+?))\s*\)|(?P<word>AND|OR|NOT|TRUE|FALSE|[()]))', re.IGNORECASE)


def composites(alarms: Iterable[Mapping[str, Any]], known: Mapping[str, Imported]) -> list[Imported]:
    """Those that name others of their kind after them."""
    found: dict[str, Imported] = {}
    waiting = {str(alarm.get("AlarmName")): alarm for alarm in alarms}
    while waiting:
        ready = [name for name, alarm in waiting.items() if not _named(alarm) & (waiting.keys() - {name})]
        for name in ready or list(waiting):
            found[name] = _composite(waiting.pop(name), {**known, **found})
    return list(found.values())


def _named(alarm: Mapping[str, Any]) -> set[str]:
    return {_name(word) for word in _WORD.finditer(str(alarm.get("AlarmRule", ""))) if word["state"]}


def _name(word: re.Match[str]) -> str:
    given = word["quoted"] or word["single"] or word["name"] or ""
    return given.partition(":alarm:")[2] or given


def _composite(alarm: Mapping[str, Any], known: Mapping[str, Imported]) -> Imported:
    found = Imported(str(alarm.get("AlarmName")))
    try:
        expression = _expression(str(alarm.get("AlarmRule", "")), known, found)
        alert_names(expression)
    except ValueError as error:
        found.impossible = str(error) if isinstance(error, ImpossibleError) else f"its rule {error}"
        return found
    rule: dict[str, Any] = {"alert": found.name, "condition": {"type": "composite", "expression": expression}}
    if alarm.get("AlarmDescription"):
        rule["annotations"] = {"description": as_text(str(alarm["AlarmDescription"]))}
    if alarm.get("ActionsSuppressor"):
        found.notes.append(f"is kept quiet by {alarm['ActionsSuppressor']}: write an inhibit rule")
    tell_the_rest(alarm, found)
    found.rules.append(rule)
    return found


def _expression(text: str, known: Mapping[str, Imported], found: Imported) -> str:
    words, at = list[str](), 0
    while text[at:].strip():
        word = _WORD.match(text, at)
        if word is None:
            raise ImpossibleError(f"its rule cannot be read from {text[at:at + 40].strip()!r} on")
        at = word.end()
        words.append(_said(word, known, found))
    return " ".join(words).replace("( ", "(").replace(" )", ")")


def _said(word: re.Match[str], known: Mapping[str, Imported], found: Imported) -> str:
    if word["word"]:
        if word["word"].upper() in ("TRUE", "FALSE"):
            raise ImpossibleError("its rule says TRUE or FALSE, which no alert does")
        return word["word"].lower()
    state, name = word["state"].upper(), _name(word)
    if name not in known or known[name].impossible:
        raise ImpossibleError(f"is composed of {name}, which {'is impossible' if name in known else 'is not there'}")
    if state == "INSUFFICIENT_DATA":
        raise ImpossibleError(f"asks whether {name} has too little data: write a rule for its absence")
    if state == "OK":
        found.lost.append(f"takes {name} for well also where it has too little data")
        return f"not {json.dumps(name, ensure_ascii=False)}"
    return json.dumps(name, ensure_ascii=False)
