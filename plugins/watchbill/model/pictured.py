"""What a picture of an alert shows, as it travels in the alert's metadata: from judgement to delivery."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from watchbill.model.alerts import GRAPH
from watchbill.model.series import Series

MOST = 10  # series of one alert; a picture of a group takes them from several


@dataclass(frozen=True)
class Pictured:
    """`{"series": [Series.to_json(), …], "zones": [[low, high], …], "unit": "", "window_s": 900}` in JSON.

    zones: values that alert, without a bound null: `> 5` is [5, null], outside of 1..5 is [null, 1] and [5, null].
    They belong to values as they stand in the lake; a rule over a sum or a ratio leaves them out.
    """

    series: tuple[Series, ...]
    zones: tuple[tuple[float | None, float | None], ...] = ()
    unit: str = ""
    window: timedelta = timedelta(0)  # how far back one judgement reads

    def to_json(self) -> dict[str, Any]:
        return {"series": [one.to_json() for one in self.series[:MOST]], "zones": [list(zone) for zone in self.zones],
                "unit": self.unit, "window_s": self.window.total_seconds()}

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> "Pictured | None":
        """None where the alert names nothing to draw. Raises KeyError, TypeError or ValueError for other JSON."""
        found = metadata.get(GRAPH)
        if not found or not found["series"]:
            return None
        return cls(tuple(Series.from_json(one) for one in found["series"][:MOST]),
                   tuple((low, high) for low, high in found.get("zones", ())), str(found.get("unit", "")),
                   timedelta(seconds=found.get("window_s", 0)))
