"""Dashboards beside what is collected, and their variables: located dashboards in, warnings out."""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache

from watchbill.declare.claims import Claims
from watchbill.declare.collected import Collected
from watchbill.declare.document import Path
from watchbill.declare.files import close
from watchbill.declare.parts import Located
from watchbill.model.dashboards import Dashboard, MetricWidget, WidgetMetric, walk
from watchbill.model.failures import Finding

_VARIABLE = re.compile(r"\$([A-Za-z][A-Za-z0-9_.-]*)")


def check_dashboards(
    dashboards: Iterable[Located[Dashboard]], known: list[Collected], claims: Claims,
) -> Iterator[Finding]:
    """A cloud may hold metrics that nobody collects, so these are warnings."""
    @cache
    def told(namespace: str, metric: str, dimensions: tuple[str, ...]) -> tuple[Path, str, str] | None:
        if claims.cover(namespace, metric):
            return None
        name = f"{namespace}/{metric}"
        same = [one for one in known if one.is_named(namespace, metric)]
        if same:
            return _dimension(name, dimensions, same)
        near = close(name, (one.name for one in known))
        return ("metric",), f"no entry of metrics/ collects {name}", f"did you mean {near}?" if near else ""

    for dashboard in dashboards:
        names = [one.name for one in dashboard.value.variables]
        whole = {f"${one.name}" for one in dashboard.value.variables if not one.dimension}  # a key:value, not a value
        for path, widget in walk(dashboard.value):
            for row, line in enumerate(widget.metrics if isinstance(widget, MetricWidget) else ()):
                yield from _check_variables(dashboard, (*path, "metrics", row), line, names)
                keys = tuple(name for name, value in line.dimensions.items() if value not in whole)
                wrong = told(line.namespace, line.metric, keys) if line.metric else None
                if wrong:
                    yield dashboard.finding(*path, "metrics", row, *wrong[0], warning=True, problem=wrong[1],
                                            fix=wrong[2])


def _dimension(name: str, dimensions: tuple[str, ...], same: list[Collected]) -> tuple[Path, str, str] | None:
    """A dimension that none of the entries that collect the metric has."""
    if any(one.dimensions is None or set(dimensions) <= one.dimensions.keys() for one in same):
        return None
    has = {key for one in same for key in one.dimensions or ()}
    other = next((key for key in dimensions if key not in has), dimensions[0])
    return (("dimensions", other), f"no entry of metrics/ collects {name} by {other}",
            f"collected by {', '.join(sorted(has))}" if has else "collected without dimensions")


def _check_variables(
    dashboard: Located[Dashboard], at: Path, line: WidgetMetric, names: Collection[str],
) -> Iterator[Finding]:
    """`$default` and `$LATEST` are values of AWS' own."""
    for name, value in line.dimensions.items():
        for one in (value,) if isinstance(value, str) else value:
            for word in _VARIABLE.findall(one) if "$" in one else ():
                if not any(word.startswith(known) for known in names):
                    near = close(word, names)
                    yield dashboard.finding(
                        *at, "dimensions", name, warning=True,
                        problem=f"no variable is called {word}: ${word} is taken as it is",
                        fix=f"did you mean `{near}`?" if near else "add it to `variables`, if it is one")
