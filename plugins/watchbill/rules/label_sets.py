"""The label sets that a condition judges, whatever stands behind them: each is one alert instance."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from watchbill.model.alerts import fingerprint
from watchbill.model.json import as_json

Labels = dict[str, str]
ORIGIN = ("unit", "source", "account", "region")
"""What of a series is told beside a value; its names are no labels, a rule may span several."""


class LabelSets:
    """By place, from 0."""

    def __init__(self, labels: Sequence[Labels]) -> None:
        self._labels = list(labels)
        self._inner: dict[int, str] = {}
        self._origin: dict[int, tuple[str, str]] = {}

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def labels(self) -> list[Labels]:
        return self._labels

    @cached_property
    def names(self) -> list[str]:
        """What each instance is called between evaluations: the fingerprint of its labels."""
        return [fingerprint(labels) for labels in self.labels]

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each name stands."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def shapes(self) -> list[tuple[str, ...]]:
        """The names of each one's labels; none where a value is empty, which makes it another kind of label set."""
        return [tuple(labels) if all(labels.values()) else () for labels in self.labels]

    def series(self, place: int) -> dict[str, Any] | None:  # noqa: ARG002 - what stands behind it says
        """The one series that is judged, as Series.to_json; None where there is none, or more than one."""
        return None

    def inner(self, place: int) -> str:
        """The labels as JSON, without the braces; many rules say them."""
        if place not in self._inner:
            self._inner[place] = as_json(self.labels[place])[1:-1]
        return self._inner[place]

    def origin(self, place: int) -> tuple[str, str]:
        """What `series` says, as the insides of JSON: from where and of which series; many rules say it."""
        if place not in self._origin:
            series = self.series(place) or {}
            told = {name: word for name in ORIGIN if (word := series.get(name))}
            picture = {"unit": series.get("unit", ""), "series": [series] if series else []}
            self._origin[place] = f",{as_json(told)[1:-1]}" if told else "", as_json(picture)[1:-1]
        return self._origin[place]
