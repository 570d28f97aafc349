"""What pydantic refuses, in our words: data at a place of a document in, a model or findings out."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from watchbill.declare.document import Document, Path
from watchbill.declare.fields import keys, located
from watchbill.declare.files import close
from watchbill.model.failures import Finding

_BOUNDS = {"greater_than_equal": ("ge", "more"), "less_than_equal": ("le", "less")}
Model = TypeVar("Model", bound=BaseModel)
# Maps of free text: Prometheus too reads `priority: 1` there as the text "1".
_TEXT_MAPS = ("labels", "annotations", "dimensions")
_SHAPES = {
    "role_arn": ("ARN of an IAM role", "arn:aws:iam::123456789012:role/watchbill"),
    "topic_arn": ("ARN of an SNS topic", "arn:aws:sns:eu-west-1:123456789012:alerts"),
}
_EXPECTED = {
    "string_type": "text", "float_type": "a number", "float_parsing": "a number",
    "finite_number": "a finite number", "int_type": "a whole number",
    "int_parsing": "a whole number", "int_from_float": "a whole number", "bool_type": "true or false",
    "bool_parsing": "true or false", "dict_type": "a mapping", "model_type": "a mapping",
    "model_attributes_type": "a mapping", "tuple_type": "a list", "list_type": "a list",
}


def validated(model: type[Model], data: Any, document: Document, path: Path = ()) -> Model | list[Finding]:
    """The model of the data that stands at `path`, or everything that is wrong with it."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
    texts = [inner for error in errors if _is_free_text(
        document, (*path, *(inner := located(model, error["loc"])[0])), wants_text=error["type"] == "string_type")]
    if texts:
        copied = deepcopy(data)
        for inner in texts:
            _put(copied, inner, document.places[(*path, *inner)].scalar)
        try:
            return model.model_validate(copied)
        except ValidationError as error:
            errors = error.errors(include_url=False)
    return _without_echoes([_finding(model, error, document, path) for error in _meant(model, errors)])


def _meant(model: type[BaseModel], errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Of something that may be one thing or another, only what is wrong with the one that it looks like.

    If it looks like none of them, one error that says both.
    """
    told: list[ErrorDetails] = []
    neither: dict[Path, ErrorDetails] = {}  # by place: `should be text`, and a variant later `a mapping`
    looked_like: set[Path] = set()
    for error in errors:
        at, _, union = located(model, error["loc"])
        if union is None or at != union or error["type"] not in _EXPECTED:
            told.append(error)
            looked_like.update(() if union is None else (union,))
        elif at in neither:
            neither[at].setdefault("ctx", {})["or"] = _EXPECTED[error["type"]]
        else:
            neither[at] = error
    return told + [error for at, error in neither.items() if at not in looked_like]


def _is_free_text(document: Document, path: Path, *, wants_text: bool) -> bool:
    place = document.places.get(path)
    if place is None or not place.scalar:
        return False
    return (len(path) > 1 and path[-2] in _TEXT_MAPS) or (wants_text and place.is_argument)


def _put(data: Any, path: Path, text: str | None) -> None:
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = text


def _finding(model: type[BaseModel], error: ErrorDetails, document: Document, path: Path) -> Finding:
    context = error.get("ctx", {})
    inner, block, _ = located(model, context.get("at", (*error["loc"], *context.get("inner", ()))))
    at = (*path, *inner)
    kind = error["type"]
    if kind.startswith("union_tag"):
        at = (*at, context["discriminator"].strip("'"))
    if kind in ("missing", "union_tag_not_found"):
        return document.finding(at, "is missing", f"add `{at[-1]}:`")
    if kind == "extra_forbidden":
        return document.finding(at, "unknown key", _known(str(at[-1]), block), at_key=True)
    while at and at not in document.places and at not in document.variables:
        at = at[:-1]  # a list of one, written without its dash
    problem, fix = _words(kind, error, context, document, at)
    named = _named_path(problem, error["input"]) if kind == "value_error" else ()
    at_key = error["loc"][-1:] == ("[key]",)
    return document.finding((*at, *named), problem, fix, at_key=at_key)


def _words(
    kind: str, error: ErrorDetails, context: Mapping[str, Any], document: Document, at: Path,
) -> tuple[str, str]:
    given = error["input"]
    if given is None or kind in ("string_too_short", "too_short"):
        return "is empty", "give it a value, or leave the key out"
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        return _one_of(given if kind != "union_tag_invalid" else context.get("tag"), context)
    if kind in _EXPECTED:
        text = document.place(at).scalar
        fix = f'put it in quotes: "{text}"' if kind == "string_type" and text else ""
        either = f"{_EXPECTED[kind]} or {context['or']}" if "or" in context else _EXPECTED[kind]
        return f"should be {either}, not {_shown(given, text)}", fix
    if kind == "string_pattern_mismatch" and error["loc"][-1] in _SHAPES:
        what, example = _SHAPES[str(error["loc"][-1])]
        return f"{_shown(given, None)} is no {what}", f"write it as {example}"
    if kind in _BOUNDS:
        return f"should be {context[_BOUNDS[kind][0]]} or {_BOUNDS[kind][1]}, not {_shown(given, None)}", ""
    if kind == "timezone_aware":
        return f"{_shown(given, None)} has no time zone", "write Z behind it, or +01:00"
    if kind == "string_pattern_mismatch":
        return f"{_shown(given, None)} cannot be read", f"it has to match {context['pattern']}"
    if kind == "greater_than":
        return "must be more than nothing", ""
    return error["msg"].removeprefix("Value error, "), ""


def _one_of(given: Any, context: Mapping[str, Any]) -> tuple[str, str]:
    listed = str(context.get("expected") or context.get("expected_tags") or "")
    allowed = re.findall(r"'([^']*)'", listed)
    near = close(str(given), allowed)
    hint = f"did you mean `{near}`? " if near else ""
    return f"{_shown(given, None)} is not allowed", f"{hint}allowed: {', '.join(allowed)}"


def _shown(given: Any, text: str | None) -> str:
    if isinstance(given, dict | list | tuple):
        return "a mapping" if isinstance(given, dict) else "a list"
    return f"`{str(given if text is None else text)[:60]}`"


def _known(key: str, block: type[BaseModel] | None) -> str:
    if block is None:
        return "leave it out"
    near = close(key, keys(block))
    return f"did you mean `{near}`?" if near else f"known keys: {', '.join(keys(block))}"


def _named_path(problem: str, given: Any) -> Path:
    """Errors of a whole block often name the key they mean, as `period`, or what stands in it: `dimensions` host."""
    named = re.search(r"`(\w+)`(?: ([^:]+):)?", problem) if isinstance(given, dict) else None
    if named is None or named[1] not in given:
        return ()
    inside = given[named[1]]
    if isinstance(inside, list) and (named[2] or "").isdecimal():
        return (named[1], int(named[2]))
    return (named[1], named[2]) if isinstance(inside, dict) and named[2] in inside else (named[1],)


def _without_echoes(findings: list[Finding]) -> list[Finding]:
    """A mistyped key is one finding: that the right one is missing is only its echo."""
    meant = {(_block(one.field), one.fix) for one in findings if one.problem == "unknown key"}
    return [one for one in findings if one.problem != "is missing"
            or (_block(one.field), f"did you mean `{one.field.rpartition('.')[2]}`?") not in meant]


def _block(name: str) -> str:
    return name.rpartition(".")[0]
