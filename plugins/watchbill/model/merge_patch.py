"""JSON merge patches: a part of a document that says what becomes of the rest. RFC 7386.

What a person writes as `override:` goes in with what we render, the document of the vendor comes out; and the other way
round, two documents go in and the shortest override that leads from one to the other comes out.
"""

from typing import Any


def apply(patch: Any, to: Any) -> Any:
    """A new document; `to` stays. An object's members are merged, null takes one away, all else (lists) is replaced."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(to) if isinstance(to, dict) else {}
    for name, part in patch.items():
        if part is None:
            merged.pop(name, None)
        else:
            merged[name] = apply(part, merged.get(name))
    return merged


def between(old: Any, new: Any) -> Any:
    """The least patch with apply(patch, old) == new; {} where two objects are the same.

    Raises ValueError for an object in `new` with a member of null, which no merge patch can write (lists may hold one).
    """
    if not isinstance(new, dict):
        return new
    held = old if isinstance(old, dict) else {}
    patch: dict[str, Any] = {name: None for name in held if name not in new}
    for name, value in new.items():
        if value is None:
            raise ValueError(f"{name} is null, and in a merge patch that would take it away")
        if name not in held or not same(held[name], value):
            patch[name] = between(held.get(name), value)
    return patch


def same(one: Any, other: Any) -> bool:
    """Whether both are the same JSON: Python's True is 1 and its 1.0 is 1, a vendor's are not."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)
