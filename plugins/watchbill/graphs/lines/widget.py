"""A metric widget -> the lines that it shows, each with its name: what the lake has of it, and what is computed."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.graphs.lines.bundles import Bundle, Row
from watchbill.graphs.lines.expressions import NotComputedError, evaluate, real
from watchbill.graphs.lines.steps import Steps
from watchbill.model.dashboards.lines import COLORS, WidgetMetric
from watchbill.model.dashboards.widgets import MetricWidget

_DYNAMIC = re.compile(r"\$\{([^}]{0,200})\}")
_DIMENSION = re.compile(r"PROP\('Dim\.([^']+)'\)")
Fetch = Callable[[WidgetMetric], Bundle]


@dataclass(frozen=True)
class Drawn:
    """One line: `value` is what the widget reduces it to."""

    name: str
    values: Any
    value: float | None
    unit: str = ""
    colour: str = ""
    on_right: bool = False


@dataclass(frozen=True)
class Lines:
    """Those that are shown, in order; `total` counts them before the widget's `limit`. `untold`: why others are not."""

    drawn: Sequence[Drawn]
    total: int
    untold: Sequence[str]


def lines(widget: MetricWidget, steps: Steps, fetch: Fetch) -> Lines:
    """`fetch`: what the lake has of a line with a metric, or with a query of its own."""
    known, untold = dict[str, Bundle](), list[str]()
    found: dict[int, Bundle] = {}
    for row, line in _in_order(widget.metrics):
        try:
            bundle = evaluate(line.expression, known, steps) if line.expression else fetch(line)
        except (NotComputedError, ValueError) as error:
            untold.append(f"{line.label or line.expression or line.datadog}: {error}")
            continue
        except KeyError as error:
            untold.append(f"{line.label or line.expression}: {error.args[0]} is not known")
            continue
        found[row] = bundle
        if line.id:
            known[line.id] = bundle
    shown = [(line, found[row]) for row, line in enumerate(widget.metrics) if line.visible and row in found]
    drawn = list(_drawn(widget, shown))
    ordered = _sorted(drawn, widget)
    return Lines(ordered[:widget.limit] if widget.limit else ordered, len(drawn), untold)


def _in_order(given: Sequence[WidgetMetric]) -> Iterator[tuple[int, WidgetMetric]]:
    """Each after those that it computes with; the model has seen to it that there is such an order."""
    done: set[str] = set()
    left = list(enumerate(given))
    while left:
        ready = [one for one in left if one[1].inputs <= done] or left
        yield from ready
        done |= {line.id for _, line in ready}
        left = [one for one in left if one not in ready]


def _drawn(widget: MetricWidget, shown: Sequence[tuple[WidgetMetric, Bundle]]) -> Iterator[Drawn]:
    owns = _owns([line for line, _ in shown])
    for (line, bundle), own in zip(shown, owns, strict=True):
        varying = _varying(bundle.rows)
        for row in bundle.rows:
            values = real(row.values)
            words = ", ".join(row.labels[name] for name in varying if name in row.labels)
            yield Drawn(_name(line, row.labels, own, "" if line.label and len(bundle.rows) == 1 else words), values,
                        reduced(values, widget.aggregate), bundle.unit, _colour(line) if len(bundle.rows) == 1 else "",
                        line.axis == "right")


def _colour(line: WidgetMetric) -> str:
    return COLORS.get(line.color or "", line.color or "")


def _varying(rows: Sequence[Row]) -> list[str]:
    """The labels that tell the lines apart; all of one line's."""
    names = list(dict.fromkeys(name for row in rows for name in row.labels))
    return [name for name in names if len(rows) == 1 or len({row.labels.get(name) for row in rows}) > 1]


def _owns(given: Sequence[WidgetMetric]) -> list[str]:
    """What each line is called beside the words of its labels: nothing more than tells it from the others."""
    metrics = {(line.namespace, line.metric, line.expression, line.datadog) for line in given}
    has_several = len({line.statistic for line in given if line.metric}) > 1
    return [line.label or (" ".join([line.metric, *([line.statistic] if has_several else [])]) if line.metric
                           else line.expression or line.datadog) if len(metrics) > 1 or has_several or line.label
            else "" for line in given]


def _name(line: WidgetMetric, labels: Mapping[str, str], own: str, words: str) -> str:
    if _DYNAMIC.search(line.label):
        found = _DYNAMIC.sub(lambda match: _dynamic(match[1], line, labels), line.label).strip()
        return found or words or line.metric
    return " ".join(filter(None, [own, words])) or line.metric or line.expression or line.datadog


def _dynamic(said: str, line: WidgetMetric, labels: Mapping[str, str]) -> str:
    """CloudWatch's dynamic labels, as far as they name things; what they compute stands in the legend anyway.

    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
    """
    if dimension := _DIMENSION.fullmatch(said):
        return labels.get(dimension[1], "")
    return {"PROP('MetricName')": line.metric, "PROP('Namespace')": line.namespace, "PROP('Stat')": line.statistic,
            "LABEL": " ".join([line.metric, *labels.values()])}.get(said, "")


def reduced(values: Any, how: str) -> float | None:
    """A line to one value; None where it has none."""
    there = values.drop_null()
    if not len(there):
        return None
    computed: dict[str, Callable[[Any], Any]] = {"avg": pc.mean, "sum": pc.sum, "min": pc.min, "max": pc.max}
    found = there[-1].as_py() if how == "last" else computed[how](there).as_py()
    return float(found) if math.isfinite(found) else None


def _sorted(drawn: Sequence[Drawn], widget: MetricWidget) -> list[Drawn]:
    """Bars and pies are drawn by size where nothing else is said. What has no value comes last."""
    order = widget.sort or ("desc" if widget.view in ("bar", "pie") or widget.limit else None)
    if order is None:
        return list(drawn)
    sign = -1 if order == "desc" else 1
    return sorted(drawn, key=lambda one: (one.value is None, sign * (one.value or 0.0)))


def sum_of(drawn: Sequence[Drawn], count: int) -> Any:
    """What lines that are not drawn by themselves come to, step by step."""
    whole: Any = pa.nulls(count, pa.float64())
    for one in drawn:
        whole = pc.if_else(pc.is_null(whole), one.values, pc.add(whole, pc.fill_null(one.values, 0.0)))
    return whole
