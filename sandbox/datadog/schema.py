"""Few words for JSON schemas, so that what the API takes can be read at a glance, and the check by one."""

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
BOOL: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
ANY: Schema = {"type": "object"}
NULL: Schema = {"type": "null"}


def one_of(words: str) -> Schema:
    return {"enum": words.split()}


def many(item: Schema, least: int = 0, most: int | None = None) -> Schema:
    return {"type": "array", "items": item, "minItems": least} | ({"maxItems": most} if most else {})


def either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def closed(needed: dict[str, Schema] | None = None, **allowed: Schema) -> Schema:
    """An object with these keys and no others; `needed` must be there."""
    needed = needed or {}
    return {
        "type": "object",
        "properties": needed | allowed,
        "required": list(needed),
        "additionalProperties": False,
    }


def loose(needed: dict[str, Schema] | None = None, **allowed: Schema) -> Schema:
    """An object deep inside of a widget: Datadog's own editor writes keys there that no definition names."""
    return closed(needed, **allowed) | {"additionalProperties": True}


class Checker:
    """One schema, ready to be asked about many values."""

    def __init__(self, schema: Schema) -> None:
        self._validator = Draft202012Validator(schema)

    def complaint(self, value: Any) -> str | None:
        """The most telling thing that is wrong, in JSON schema's words."""
        error = best_match(self._validator.iter_errors(value))
        return str(error.message) if error else None
