"""Lines that belong together, one for each value of a `*`, and which of two bundles' lines meet in an expression."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One line: what tells it from its sisters, and its values (float64, null where there is none)."""

    labels: Labels
    values: Any
    every: int = 1  # so many steps lie between two of its points


@dataclass(frozen=True)
class Bundle:
    rows: Sequence[Row]
    unit: str = ""

    def each(self, compute: Callable[[Any], Any]) -> "Bundle":
        return Bundle([Row(row.labels, compute(row.values), row.every) for row in self.rows], self.unit)

    def held(self) -> "Bundle":
        """Where a line has fewer points than there are steps, each holds until the next: then it meets with others."""
        return Bundle([row if row.every < 2 else Row(row.labels, _held(row.values, row.every)) for row in self.rows],
                      self.unit)


def _held(values: Any, every: int) -> Any:
    shifted = [values, *(_shift(values, by) for by in range(1, min(every, len(values))))]
    return pc.coalesce(*shifted)


def _shift(values: Any, by: int) -> Any:
    return pa.concat_arrays([pa.nulls(by, pa.float64()), values.slice(0, len(values) - by)])


def join(left: Bundle, right: Bundle, compute: Callable[[Any, Any], Any]) -> Bundle:
    """Lines that agree in the labels which both bundles have; one alone meets all of the other.

    A line that meets none is left out, as in both clouds.
    """
    one, other = left.held(), right.held()
    unit = left.unit if left.unit == right.unit else ""
    if len(one.rows) == 1 or len(other.rows) == 1:
        return Bundle([Row({**a.labels, **b.labels} if len(one.rows) == len(other.rows) else
                           (a if len(one.rows) > 1 else b).labels, compute(a.values, b.values))
                       for a in one.rows for b in other.rows], unit)
    common = _names(one) & _names(other)
    is_swapped = len(other.rows) > len(one.rows)
    most, least = (other, one) if is_swapped else (one, other)
    keyed: dict[tuple[str, ...], Row] = {}
    for row in least.rows:
        keyed.setdefault(_key(row, common), row)
    met = [(row, keyed[_key(row, common)]) for row in most.rows if _key(row, common) in keyed]
    return Bundle([Row({**b.labels, **a.labels},
                       compute(b.values, a.values) if is_swapped else compute(a.values, b.values))
                   for a, b in met], unit)


def merge(bundles: Sequence[Bundle], compute: Callable[[Sequence[Any]], Any]) -> Bundle:
    """One line of all lines."""
    rows = [row for bundle in bundles for row in bundle.held().rows]
    units = {bundle.unit for bundle in bundles}
    return Bundle([Row({}, compute([row.values for row in rows]))] if rows else [],
                  units.pop() if len(units) == 1 else "")


def _names(bundle: Bundle) -> frozenset[str]:
    return frozenset(name for row in bundle.rows for name in row.labels)


def _key(row: Row, names: frozenset[str]) -> tuple[str, ...]:
    return tuple(row.labels.get(name, "") for name in sorted(names))
