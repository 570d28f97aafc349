"""Series -> tags of the AWS resources behind them, by GetResources of the Resource Groups Tagging API.

A tag is never worth a point: what fails here is a warning, and series without a resource stay as they are.
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from watchbill.model.failures import SourceError
from watchbill.model.series import Series
from watchbill.sources.cloudwatch.kept import Kept
from watchbill.sources.cloudwatch.resources import RESOURCES, Resources
from watchbill.sources.errors import Asked
from watchbill.sources.errors.cloudwatch import explained, nonsense

_EVENT = "before-send.resource-groups-tagging-api"
_MOST_RESOURCES = 100  # a page

Tags = tuple[tuple[str, str], ...]
_Behind = dict[tuple[str, ...], dict[tuple[str, ...], tuple[int, Tags]]]
"""By the names of a resource's dimensions and then their values: its pattern's place in the table, and its tags."""


class Tagging:
    """The resources of one account and region. `calls` are those that it took to read them."""

    def __init__(self, open_client: Callable[[], Any], asked: Asked, account: str, kept: Kept,
                 warnings: list[str]) -> None:
        self._open_client, self._asked, self._account = open_client, asked, account
        self._kept, self._warnings = kept, warnings
        self.calls = 0

    def tags(self, namespace: str, wanted: Collection[str]) -> Callable[[Series], Tags]:
        """For the series of a namespace: those of the wanted tags that the resource behind it has."""
        resources = RESOURCES.get(namespace)
        if resources is None:
            self._warnings.append(f"{', '.join(self._asked.entries)}: no tags, for which resources are behind the "
                                  f"metrics of {namespace} is not known")
            return _untagged
        try:
            rows = self._kept.answer(f"GetResources/{json.dumps([resources.types, sorted(wanted)])}",
                                     lambda: self._rows(resources, wanted))
        except SourceError as error:
            self._warnings.append(f"{error}. No tags come with these metrics for now")
            return _untagged
        behind = _behind(resources, rows)
        return lambda series: _of(series, behind) if series.account == self._account else ()

    def _rows(self, resources: Resources, wanted: Collection[str]) -> list[Any]:
        """Rows of (ARN, tags), of resources that have one of the wanted tags."""
        client = self._open_client()
        client.meta.events.register(_EVENT, self._count)
        try:
            pages = self._pages(client, resources)
            return [[one["ResourceARN"], has] for page in pages for one in page["ResourceTagMappingList"]
                    if (has := {tag["Key"]: tag["Value"] for tag in one.get("Tags", ()) if tag["Key"] in wanted})]
        except (KeyError, TypeError, AttributeError) as error:
            raise nonsense(self._asked, f"a resource without sense: {type(error).__name__}") from None
        finally:
            client.meta.events.unregister(_EVENT, self._count)

    def _pages(self, client: Any, resources: Resources) -> list[Mapping[str, Any]]:
        with explained(self._asked):
            return list(client.get_paginator("get_resources").paginate(
                ResourceTypeFilters=list(resources.types), PaginationConfig={"PageSize": _MOST_RESOURCES}))

    def _count(self, **_: Any) -> None:
        self.calls += 1


def _untagged(_: Series) -> Tags:
    return ()


def _behind(resources: Resources, rows: Collection[Any]) -> _Behind:
    out: _Behind = {}
    for arn, tags in rows:
        found = resources.dimensions(arn)
        if found:
            place, dimensions = found
            names = tuple(sorted(dimensions))
            values = tuple(dimensions[name] for name in names)
            out.setdefault(names, {})[values] = place, tuple(sorted(tags.items()))
    return out


def _of(series: Series, behind: _Behind) -> Tags:
    """Of the most specific resource that has all its dimensions in common with the series."""
    has = dict(series.dimensions)
    fitting = [(-len(names), *found) for names, resources in behind.items() if has.keys() >= set(names)
               if (found := resources.get(tuple(has[name] for name in names)))]
    return min(fitting)[2] if fitting else ()
