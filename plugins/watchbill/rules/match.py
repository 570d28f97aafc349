"""Which label sets of an expression's inputs belong together, as PromQL's `on`: streams in, joint label sets out."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.failures import RuleError
from watchbill.model.rules import Expression
from watchbill.rules.label_sets import Labels, LabelSets

_COMBINE: dict[str, Literal["sum", "mean", "min", "max"]] = {"sum": "sum", "avg": "mean", "min": "min", "max": "max"}
_Key = tuple[tuple[str, str], ...]


class Matched:
    """The label sets that every input has; made once, whatever the time that is judged."""

    def __init__(self, condition: Expression, streams: Mapping[str, LabelSets]) -> None:
        """Raises RuleError where several streams of an input are one label set and nothing says how to combine them."""
        self._condition = condition
        keyed = {name: _keyed(one, condition.on) for name, one in streams.items()}
        common = [key for key in next(iter(keyed.values())) if all(key in one for one in keyed.values())]
        self.label_sets = LabelSets([dict(key) for key in common])
        self._places = {name: [one[key] for key in common] for name, one in keyed.items()}
        for name, places in self._places.items():
            many = next((key for key, found in zip(common, places, strict=True) if len(found) > 1), None)
            if many is not None and condition.inputs[name].combine is None:
                raise RuleError(f"input {name} has several series for {_shown(many)}: match `on` more labels, "
                                "or say how to `combine` them")

    def column(self, name: str, column: Any) -> Any:
        """An input's values, in the order of the label sets."""
        one, places = self._condition.inputs[name], self._places[name]
        found = _combined(column, places, _COMBINE[one.combine]) if one.combine else column.take(
            pa.array([first for first, *_ in places], pa.int64()))
        return found if one.default is None else pc.fill_null(found, one.default)


def _keyed(streams: LabelSets, on: Sequence[str] | None) -> dict[_Key, list[int]]:
    found: dict[_Key, list[int]] = {}
    for place, labels in enumerate(streams.labels):
        found.setdefault(_key(labels, on), []).append(place)
    return found


def _key(labels: Labels, on: Sequence[str] | None) -> _Key:
    """A label that is absent is empty."""
    names = labels if on is None else on
    return tuple(sorted((name, labels[name]) for name in names if labels.get(name)))


def _combined(column: Any, places: Sequence[Sequence[int]], how: Literal["sum", "mean", "min", "max"]) -> Any:
    """Of those that have a value; none where none has."""
    rows = [(group, place) for group, found in enumerate(places) for place in found]
    groups, order = (pa.array([row[part] for row in rows], pa.int64()) for part in (0, 1))
    table = pa.table({"group": groups, "value": column.take(order)})
    return table.group_by("group", use_threads=False).aggregate([("value", how)])[f"value_{how}"].combine_chunks()


def _shown(key: _Key) -> str:
    return ", ".join(f"{name}={value}" for name, value in key) or "all of it"
