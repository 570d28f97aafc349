"""Dimensions with `*` -> every set of dimensions that CloudWatch lists, by ListMetrics."""

from collections.abc import Iterable, Iterator
from typing import Any

from watchbill.model.metrics import MetricEntry
from watchbill.sources.errors import Asked
from watchbill.sources.errors.cloudwatch import explained, nonsense

ANY = "*"
MOST_FILTERS = 10  # ListMetrics takes no more; what they let through is sifted here

Dimensions = tuple[tuple[str, str], ...]


class Listing:
    """What one plan has listed so far; asks once for what several entries want.

    CloudWatch lists metrics of the last two weeks, and a new one up to 15 minutes late. `recent` leaves
    out what has been silent for three hours and more (RecentlyActive), as nothing else costs money.
    """

    def __init__(self, client: Any, connection: str, region: str, *, recent: bool) -> None:
        self._client, self._connection, self._region, self._recent = client, connection, region, recent
        self._known: dict[tuple[Any, ...], list[Dimensions]] = {}

    def dimensions(self, entry: MetricEntry, metric: str) -> list[Dimensions]:
        """Every set of dimensions that has exactly the names declared. Raises SourceError."""
        if ANY not in entry.dimensions.values():
            return [tuple(sorted(entry.dimensions.items()))]
        asked = (entry.namespace, metric, tuple(sorted(entry.dimensions.items())))
        if asked not in self._known:
            self._known[asked] = self._listed(entry, metric)
        return self._known[asked]

    def _listed(self, entry: MetricEntry, metric: str) -> list[Dimensions]:
        about = Asked("CloudWatch", self._region, self._connection, "ListMetrics", (entry.name,))
        question = self._question(entry, metric)
        found: set[Dimensions] = set()
        for page in _pages(self._client.get_paginator("list_metrics").paginate(**question), about):
            if not isinstance(page.get("Metrics"), list):
                raise nonsense(about, "it has no Metrics")
            try:
                found.update(_named(page["Metrics"], entry))
            except (KeyError, TypeError, AttributeError) as error:
                raise nonsense(about, f"a metric without sense: {type(error).__name__}") from None
        return sorted(found)

    def _question(self, entry: MetricEntry, metric: str) -> dict[str, Any]:
        filters = [{"Name": name} if value == ANY else {"Name": name, "Value": value}
                   for name, value in entry.dimensions.items()]
        question: dict[str, Any] = {"Namespace": entry.namespace, "MetricName": metric,
                                    "Dimensions": filters[:MOST_FILTERS]}
        if self._recent:
            question["RecentlyActive"] = "PT3H"
        return question


def _pages(paginator: Iterable[dict[str, Any]], about: Asked) -> Iterator[dict[str, Any]]:
    pages = iter(paginator)
    while True:
        with explained(about):
            page = next(pages, None)
        if page is None:
            return
        yield page


def _named(metrics: list[dict[str, Any]], entry: MetricEntry) -> set[Dimensions]:
    """Those with the declared names and no other: GetMetricData matches exactly, ListMetrics does not."""
    out = set()
    for metric in metrics:
        dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions", ())}
        if dimensions.keys() == entry.dimensions.keys() and all(
            declared in (ANY, dimensions[name]) for name, declared in entry.dimensions.items()
        ):
            out.add(tuple(sorted(dimensions.items())))
    return out
