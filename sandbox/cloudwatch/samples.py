"""Published values as columns, in order of time: the form that they are stored, cut and computed in."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]


class Samples(NamedTuple):
    """Rows in order of time. A value published alone is its own lowest, highest and total, counted once."""

    times: Column  # epoch seconds
    low: Column
    high: Column
    total: Column
    number: Column  # how many samples the row stands for

    @classmethod
    def of_values(cls, times: Column, values: Column, counts: Column | None = None) -> "Samples":
        counts = np.ones(len(values)) if counts is None else counts
        return cls(times, values, values, values * counts, counts)

    @classmethod
    def joined(cls, runs: "list[Samples]") -> "Samples":
        if not runs:
            return cls(*(np.empty(0) for _ in cls._fields))
        if len(runs) == 1:
            return runs[0]
        columns = [np.concatenate(column) for column in zip(*runs, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        return cls(*(column[order] for column in columns))

    def between(self, start: float, end: float) -> "Samples":
        first, last = np.searchsorted(self.times, [start, end])
        return Samples(*(column[first:last] for column in self))
