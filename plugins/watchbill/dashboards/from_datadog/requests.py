"""The requests of a Datadog widget over metrics -> lines of the model, and what they lose.

Both ways of asking are read alike: formulas over named queries, and the older `q`, a list of arithmetic over metrics.
In either case a line is an expression over metrics; a metric that only serves an expression is an invisible line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from watchbill.dashboards.from_datadog.dimensions import Variables
from watchbill.dashboards.from_datadog.functions import Top, UnsaidError, said, top
from watchbill.dashboards.from_datadog.lines import line
from watchbill.model.languages.datadog_expression import (
    Call,
    Expression,
    Name,
    Selection,
    leaves,
    read,
    read_list,
    substituted,
    written,
)

Body = Mapping[str, Any]
_AGGREGATES = {"avg": "avg", "mean": "avg", "last": "last", "sum": "sum", "min": "min", "max": "max"}
_OLD_QUERIES = ("apm_query", "log_query", "rum_query", "event_query", "network_query", "security_query",
                "process_query", "profile_metrics_query", "audit_query", "apm_stats_query")


class NoMetricsError(ValueError):
    """The requests ask something else than metrics; the text says what, after `its requests`."""


@dataclass(frozen=True)
class Asked:
    """One line that is shown."""

    tree: Expression
    label: str
    axis: str  # left or right
    aggregator: str  # of the numbers: avg, last, sum …; "" over time


@dataclass
class Lines:
    """`metrics`: words for WidgetMetric, in order. `impossible`: by the row of a shown line, why."""

    metrics: list[dict[str, Any]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    impossible: dict[int, str] = field(default_factory=dict)
    tops: list[Top] = field(default_factory=list)
    aggregators: list[str] = field(default_factory=list)


def asked(requests: list[Any]) -> list[Asked]:
    """Raises NoMetricsError."""
    found = [one for request in requests for one in _asked(request)]
    if not found:
        raise NoMetricsError("ask nothing")
    return found


def _asked(request: Any) -> Iterator[Asked]:
    if not isinstance(request, Mapping):
        raise NoMetricsError("are not understood")
    old = next((name for name in _OLD_QUERIES if name in request), "")
    if old:
        raise NoMetricsError(f"are over {old.removesuffix('_query').replace('_', ' ')}, not metrics")
    axis = "right" if request.get("on_right_yaxis") is True else "left"
    if isinstance(request.get("q"), str):
        yield from _older(request, axis)
    elif isinstance(request.get("queries"), list):
        yield from _newer(request, axis)
    else:
        raise NoMetricsError("ask nothing that is known")


def _tree(text: object) -> Expression:
    try:
        return read(str(text))
    except ValueError as error:
        raise NoMetricsError(f"cannot be read: the query {error}") from None


def _older(request: Body, axis: str) -> Iterator[Asked]:
    labels = {str(one.get("expression")): str(one.get("alias_name", "")) for one in request.get("metadata") or ()
              if isinstance(one, Mapping)}
    named = {written(read(text)): alias for text, alias in labels.items() if _is_one(text)}
    try:
        trees = read_list(request["q"])
    except ValueError as error:
        raise NoMetricsError(f"cannot be read: the query {error}") from None
    for tree in trees:
        yield Asked(tree, named.get(written(tree), ""), axis, str(request.get("aggregator") or ""))


def _is_one(text: str) -> bool:
    try:
        return len(read_list(text)) == 1
    except ValueError:
        return False


def _newer(request: Body, axis: str) -> Iterator[Asked]:
    queries: dict[str, Expression] = {}
    aggregators: dict[str, str] = {}
    for query in request["queries"]:
        if not isinstance(query, Mapping) or query.get("data_source") != "metrics":
            source = query.get("data_source") if isinstance(query, Mapping) else "nothing"
            raise NoMetricsError(f"are over {source}, not metrics alone")
        name = str(query.get("name", ""))
        queries[name] = _tree(query.get("query", ""))
        aggregators[name] = str(query.get("aggregator") or "")
    formulas = request.get("formulas") or [{"formula": name} for name in queries]
    if not isinstance(formulas, list) or not all(isinstance(one, Mapping) for one in formulas):
        raise NoMetricsError("are not understood")
    for formula in formulas:
        tree = _tree(formula.get("formula", ""))
        used = next((leaf.name for leaf in leaves(tree) if isinstance(leaf, Name)), "")
        try:
            whole = substituted(tree, queries)
        except ValueError as error:
            raise NoMetricsError(f"cannot be read: the formula {error}") from None
        yield Asked(whole, str(formula.get("alias") or ""), axis, aggregators.get(used, ""))


def lines(shown: list[Asked], variables: Variables) -> Lines:
    """Rows of shown lines stand behind the invisible ones that they compute with."""
    found = Lines()
    found.aggregators = [_AGGREGATES.get(one.aggregator, one.aggregator) for one in shown]
    builder = _Builder(found, variables)
    tops = [top(one.tree) for one in shown]
    alike = {(one.most, one.by, one.order) for one in tops if one}
    for one, its_top in zip(shown, tops, strict=True):
        tree = one.tree
        if its_top is not None:
            tree = its_top.of
            if len(alike) == 1 and None not in tops:
                found.tops.append(its_top)
            else:
                found.lost.append(f"shows more lines than the {its_top.most} of {written(tree)[:80]}")
        builder.show(tree, one, written(one.tree))
    builder.spare()
    found.lost = list(dict.fromkeys(found.lost))
    return found


class _Builder:
    def __init__(self, found: Lines, variables: Variables) -> None:
        self._found = found
        self._variables = variables
        self._ids: dict[Selection, str] = {}
        self._whole: set[Expression] = set()  # the metrics that have a line of their own
        self._failed: dict[int, Expression] = {}

    def spare(self) -> None:
        """A line that only Datadog can say may be missing elsewhere, where its metrics are shown beside it."""
        for row, tree in self._failed.items():
            metrics = {leaf for leaf in leaves(tree) if isinstance(leaf, Selection)}
            if metrics and metrics <= self._whole:
                why = self._found.impossible.pop(row)
                self._found.metrics[row]["clouds"] = ("datadog",)
                self._found.lost.append(f"leaves out {written(tree)[:120]}: {why}")

    def show(self, tree: Expression, one: Asked, text: str) -> None:
        words: dict[str, Any] = {}
        try:
            if isinstance(tree, Call) and tree.function == "anomalies" and tree.arguments:
                self.show(tree.arguments[0], one, written(tree.arguments[0]))  # it is drawn within its band
            words = self._single(tree) if self._is_single(tree) else self._computed(tree)
            problem = ""
        except UnsaidError as error:
            problem = str(error)
        if "datadog" not in words or words["datadog"] != text:
            words = {**words, "datadog": text}
        if one.label:
            words["label"] = one.label
        if one.axis == "right":
            words["axis"] = "right"
        if problem:
            self._found.impossible[len(self._found.metrics)] = problem
            self._failed[len(self._found.metrics)] = tree
        elif self._is_single(tree):
            self._whole.add(_zero_filled(tree) or tree)
        self._found.metrics.append(words)

    def _is_single(self, tree: Expression) -> bool:
        return isinstance(tree, Selection) or _zero_filled(tree) is not None

    def _single(self, tree: Expression) -> dict[str, Any]:
        inner = _zero_filled(tree)
        words = self._line(inner or tree)
        return words | ({"fill": "zero"} if inner is not None else {})

    def _line(self, tree: Expression) -> dict[str, Any]:
        if not isinstance(tree, Selection):
            raise UnsaidError("computes with no metric")
        made = line(tree, written(tree), self._variables)
        if made.impossible:
            raise UnsaidError(made.impossible)
        self._found.lost += made.lost
        return made.words

    def _computed(self, tree: Expression) -> dict[str, Any]:
        pending: list[dict[str, Any]] = []
        if not any(isinstance(leaf, Selection) for leaf in leaves(tree)):
            raise UnsaidError("computes with no metric")
        before = dict(self._ids)
        try:
            expression = said(tree, lambda selection: self._input(selection, pending))
        except UnsaidError:
            self._ids = before
            raise
        self._found.metrics += pending
        self._found.lost += expression.lost
        return {"expression": expression.text}

    def _input(self, selection: Selection, pending: list[dict[str, Any]]) -> str:
        if selection not in self._ids:
            words = self._line(selection)
            self._ids[selection] = f"m{len(self._ids) + 1}"
            pending.append({"id": self._ids[selection], **words, "visible": False})
        return self._ids[selection]


def _zero_filled(tree: Expression) -> Selection | None:
    if isinstance(tree, Call) and tree.function == "default_zero" and len(tree.arguments) == 1:
        inner = tree.arguments[0]
        return inner if isinstance(inner, Selection) else None
    return None
