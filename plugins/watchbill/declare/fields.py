"""Which keys a block knows: pydantic's location of an error in, the path in the YAML and the block out."""

import types
from collections.abc import Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from watchbill.declare.document import Path


def located(
    model: type[BaseModel], loc: Sequence[str | int],
) -> tuple[Path, type[BaseModel] | None, Path | None]:
    """The path without what pydantic adds for unions, the block that the last part stands in, and where it chose
    between things that no tag tells apart.
    """
    annotation: Any = model
    path: list[str | int] = []
    block: type[BaseModel] | None = None
    untagged: Path | None = None
    for part in loc:
        if part == "[key]":
            break
        variants = _variants(annotation)
        if len(variants) > 1:
            chosen = next((one for one in variants if part in (_tag(one), _label(one))), None)
            annotation = chosen or Any
            if chosen:
                untagged = tuple(path) if part == _label(chosen) else untagged
                continue
        elif variants:
            annotation = variants[0]
        path.append(part)
        block = annotation if _is_block(annotation) else None
        annotation = _inside(annotation, part)
    return tuple(path), block, untagged


def keys(block: type[BaseModel]) -> list[str]:
    """As they are written in YAML; without those that are only known to be refused in words."""
    return [field.alias or name for name, field in block.model_fields.items()
            if field.annotation is not type(None)]


def _variants(annotation: Any) -> list[Any]:
    """What may stand here, None aside."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _variants(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [one for one in get_args(annotation) if one is not type(None)]
    return [annotation]


def _is_block(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _tag(variant: Any) -> str | None:
    field = variant.model_fields.get("type") if _is_block(variant) else None
    return get_args(field.annotation)[0] if field else None


def _label(variant: Any) -> str:
    """What pydantic calls a variant that has no tag: `str`, `MetricStat`, `tuple[str, ...]`."""
    return variant.__name__ if isinstance(variant, type) and not get_args(variant) else str(variant)


def _inside(annotation: Any, part: str | int) -> Any:
    if _is_block(annotation):
        return next((field.annotation for name, field in annotation.model_fields.items()
                     if part in (field.alias, name)), Any)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (tuple, list):
        return arguments[0]
    return arguments[1] if origin is dict else Any
