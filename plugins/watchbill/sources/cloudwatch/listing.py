"""Names with `*`, dimensions that are not fixed, linked accounts -> the metrics that CloudWatch lists, by ListMetrics.

Entries enter, each with what it wants of its metrics; the metrics that are there leave. Entries that ask alike are
asked for together.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from watchbill.model.metrics import ANY, MetricEntry, is_fixed
from watchbill.sources.cloudwatch.kept import Kept, Listings
from watchbill.sources.errors import Asked
from watchbill.sources.errors.cloudwatch import explained, nonsense

__all__ = ["Dimensions", "Found", "Listing", "Listings"]

MOST_FILTERS = 10  # ListMetrics takes no more; what they let through is sifted here
ALL_LINKED = "*"

Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, order=True)
class Found:
    """A metric that is there; `owner` is the account that has it."""

    metric: str
    owner: str
    dimensions: Dimensions


@dataclass(frozen=True)
class Want:
    """One name of an entry's metrics. `recent` leaves out what has been silent for three hours and more."""

    entry: MetricEntry
    metric: str
    recent: bool

    @property
    def linked(self) -> str:
        """Whose metrics: "" for those of the account itself, an account's number, or `*` for all that are linked."""
        accounts = self.entry.linked_accounts
        if isinstance(accounts, bool):
            return ALL_LINKED if accounts else ""
        return accounts[0] if len(accounts) == 1 else ALL_LINKED if accounts else ""

    @property
    def is_named(self) -> bool:
        """Whether the declaration alone tells which metrics these are, so that nothing need be listed."""
        fixed = ANY not in self.metric and all(map(is_fixed, self.entry.dimensions.values()))
        return fixed and self.entry.linked_accounts is not True

    def takes(self, found: Found) -> bool:
        """GetMetricData matches dimensions exactly, ListMetrics does not."""
        accounts, has = self.entry.linked_accounts, dict(found.dimensions)
        return (has.keys() == self.entry.dimensions.keys() and fnmatchcase(found.metric, self.metric)
                and (isinstance(accounts, bool) or not accounts or found.owner in accounts)
                and all(matcher.matches(has) for matcher in self.entry.matchers))


class Listing:
    """What one plan has listed so far.

    CloudWatch lists metrics of the last two weeks, and a new one up to 15 minutes late. Recent ones are asked for with
    RecentlyActive, as nothing else costs money.
    """

    def __init__(self, client: Any, connection: str, account: str, region: str, kept: Kept,
                 wants: Iterable[Want]) -> None:
        self._client, self._connection, self._account, self._region = client, connection, account, region
        self._kept = kept
        self._questions = _shared(want for want in wants if not want.is_named)

    def metrics(self, want: Want) -> list[Found]:
        """Those that the entry wants, sorted. Raises SourceError."""
        if want.is_named:
            accounts = want.entry.linked_accounts
            owners = (self._account,) if isinstance(accounts, bool) or not accounts else accounts
            return [Found(want.metric, owner, tuple(sorted(want.entry.dimensions.items()))) for owner in owners]
        return [found for found in self._listed(want) if want.takes(found)]

    def _listed(self, want: Want) -> list[Found]:
        question, entries = self._questions[_alike(want)][want.metric]
        about = Asked("CloudWatch", self._region, self._connection, "ListMetrics", entries)
        rows = self._kept.answer(f"ListMetrics/{json.dumps(question, sort_keys=True)}",
                                 lambda: _listed(self._client, question, about))
        return _found(rows, self._account)


_Key = tuple[str, frozenset[str], bool, str]
_Questions = dict[_Key, dict[str, tuple[dict[str, Any], tuple[str, ...]]]]


def _alike(want: Want) -> _Key:
    return want.entry.namespace, frozenset(want.entry.dimensions), want.recent, want.linked


def _shared(wants: Iterable[Want]) -> _Questions:
    """The question of each metric's name, and the entries that ask it. One name with `*` asks for all of them."""
    alike: dict[_Key, list[Want]] = {}
    for want in wants:
        alike.setdefault(_alike(want), []).append(want)
    questions: _Questions = {}
    for key, together in alike.items():
        every = any(ANY in want.metric for want in together)
        for want in together:
            asking = [one for one in together if every or one.metric == want.metric]
            names = tuple(dict.fromkeys(one.entry.name for one in asking))
            questions.setdefault(key, {})[want.metric] = (_question(asking, "" if every else want.metric), names)
    return questions


def _question(asking: Sequence[Want], metric: str) -> dict[str, Any]:
    first = asking[0]
    filters = [{"Name": name, "Value": value} if is_fixed(value) and all(
        one.entry.dimensions[name] == value for one in asking) else {"Name": name}
        for name, value in sorted(first.entry.dimensions.items())]
    question: dict[str, Any] = {"Namespace": first.entry.namespace, "Dimensions": filters[:MOST_FILTERS]}
    if metric:
        question["MetricName"] = metric
    if first.recent:
        question["RecentlyActive"] = "PT3H"
    if first.linked:
        question["IncludeLinkedAccounts"] = True
    if first.linked not in ("", ALL_LINKED):
        question["OwningAccount"] = first.linked
    return question


def _listed(client: Any, question: Mapping[str, Any], about: Asked) -> list[Any]:
    """Rows of (metric, owner where it is told, dimensions). Raises SourceError."""
    rows: list[Any] = []
    for page in _pages(client.get_paginator("list_metrics").paginate(**question), about):
        if not isinstance(page.get("Metrics"), list):
            raise nonsense(about, "it has no Metrics")
        try:
            rows += _rows(page)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise nonsense(about, f"a metric without sense: {type(error).__name__}") from None
    return rows


def _found(rows: Iterable[Any], account: str) -> list[Found]:
    return sorted({Found(metric, owner or account, tuple(sorted(dimensions.items())))
                   for metric, owner, dimensions in rows})


def _pages(paginator: Iterable[dict[str, Any]], about: Asked) -> Iterator[dict[str, Any]]:
    pages = iter(paginator)
    while True:
        with explained(about):
            page = next(pages, None)
        if page is None:
            return
        yield page


def _rows(page: Mapping[str, Any]) -> list[Any]:
    metrics = page["Metrics"]
    owners = page.get("OwningAccounts") or [""] * len(metrics)
    return [[metric["MetricName"], str(owner),
             {one["Name"]: one["Value"] for one in metric.get("Dimensions", ())}]
            for metric, owner in zip(metrics, owners, strict=True)]


def everything(client: Any, connection: str, account: str, region: str, namespace: str, *, linked: bool) -> list[Found]:
    """Every metric of a namespace that had points in the last two weeks; of linked accounts too. Raises SourceError."""
    about = Asked("CloudWatch", region, connection, "ListMetrics", (namespace,))
    question: dict[str, Any] = {"Namespace": namespace} | ({"IncludeLinkedAccounts": True} if linked else {})
    return _found(_listed(client, question, about), account)
