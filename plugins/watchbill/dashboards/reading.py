"""What a reader of a vendor's dashboard hands on: our model of it, and of each widget what the model does not say.

A reader is a function `read(body, dashboard_id) -> Reading`; whatever it cannot model stays in `override` or in a `raw`
widget, so that rendering the dashboard for the cloud it came from gives the same body back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from watchbill.model.dashboards import Cloud, Dashboard

Body = dict[str, Any]
Family = Literal["metric", "log", "text", "other"]
"""What a widget shows, whichever way: `other` is neither metric nor log nor text (RUM, traces, images, frames of other
widgets …)."""


@dataclass(frozen=True)
class Unsaid:
    """Something of a vendor's widget that our model has no word for, so that another cloud would not show it."""

    kind: Literal["style", "lossy", "impossible"]  # style: how it looks or where it leads, not what it shows
    what: str  # "leaves out its links", "anomalies() is Datadog's own"


@dataclass(frozen=True)
class Origin:
    """The vendor's widget that a widget of the model was read from."""

    kind: str  # the vendor's word: timeseries, toplist, metric, alarm …
    family: Family
    unsaid: tuple[Unsaid, ...] = ()
    broken: Mapping[int, str] = field(default_factory=dict)  # by the row of a line that no other cloud can show: why


@dataclass(frozen=True)
class Reading:
    cloud: Cloud  # where it comes from
    dashboard: Dashboard
    origins: Mapping[str, Origin]  # by the widget's path in the model: `widgets.3`, `widgets.2.widgets.0`
    unsaid: tuple[Unsaid, ...] = field(default=())  # of the dashboard as a whole


def outline(widgets: Any, path: str = "widgets") -> Iterator[tuple[str, Any]]:
    """Every widget with its path, those in groups after their group."""
    for at, widget in enumerate(widgets):
        yield f"{path}.{at}", widget
        yield from outline(getattr(widget, "widgets", ()), f"{path}.{at}.widgets")
