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
    def told(namespace: str, metric: str) -> tuple[str, str] | None:
        if any(one.is_named(namespace, metric) for one in known) or claims.cover(namespace, metric):
            return None
        near = close(f"{namespace}/{metric}", (one.name for one in known))
        return f"no entry of metrics/ collects {namespace}/{metric}", f"did you mean {near}?" if near else ""

    for dashboard in dashboards:
        names = [one.name for one in dashboard.value.variables]
        for path, widget in walk(dashboard.value):
            for row, line in enumerate(widget.metrics if isinstance(widget, MetricWidget) else ()):
                yield from _check_variables(dashboard, (*path, "metrics", row), line, names)
                wrong = told(line.namespace, line.metric) if line.metric else None
                if wrong:
                    yield dashboard.finding(*path, "metrics", row, "metric", warning=True, problem=wrong[0],
                                            fix=wrong[1])


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
