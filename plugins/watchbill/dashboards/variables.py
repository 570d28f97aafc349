"""Variables of a dashboard in each cloud's words.

CloudWatch has patterns, texts that are replaced all over the dashboard: ours is `@name@` where YAML has `$name`.
Datadog has template variables: `$name` in a query stands for `key:value`, `$name.value` for the value alone.
docs.datadoghq.com/dashboards/template_variables
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from watchbill.dashboards.lost import Lost
from watchbill.model.dashboards import Dashboard, MetricWidget, Variable, WidgetMetric, walk
from watchbill.model.datadog_names import tag_key

_USED = re.compile(r"\$([A-Za-z][A-Za-z0-9_.-]*)")
FIRST = "__FIRST"
"""CloudWatch's word for the first value that its search finds."""


def by_name(variables: tuple[Variable, ...] | list[Variable]) -> dict[str, Variable]:
    return {one.name: one for one in variables}


def used(value: str, variables: Mapping[str, Variable]) -> list[str]:
    """The variables that a text names: of `$a.b` the longest that there is."""
    return [name for word in _USED.findall(value) if (name := _longest(word, variables))]


def unknown(value: str, variables: Mapping[str, Variable]) -> list[str]:
    """What begins as a variable's name would, and is none's."""
    return [word for word in _USED.findall(value) if not _longest(word, variables)]


def _longest(word: str, variables: Mapping[str, Variable]) -> str:
    return next((word[:end] for end in range(len(word), 0, -1) if word[:end] in variables), "")


def placed(value: str, variables: Mapping[str, Variable]) -> str:
    """With CloudWatch's pattern for each variable."""
    return _replaced(value, variables, pattern)


def _replaced(value: str, variables: Mapping[str, Variable], say: Callable[[str], str]) -> str:
    def one(found: re.Match[str]) -> str:
        name = _longest(found[1], variables)
        return f"{say(name)}{found[1][len(name):]}" if name else found[0]

    return _USED.sub(one, value)


def pattern(name: str) -> str:
    return f"@{name}@"


def tag_values(value: str, variables: Mapping[str, Variable]) -> str:
    """`web-$env` -> `web-$env.value`, as a Datadog scope has it."""
    return _replaced(value, variables, lambda name: f"${name}.value")


def template_variables(dashboard: Dashboard, namespace_of: Mapping[str, str]) -> list[dict[str, Any]]:
    """`namespace_of`: for whose metrics each variable's dimension is asked."""
    return [_template(one, namespace_of.get(one.name, "")) for one in dashboard.variables]


def _template(variable: Variable, namespace: str) -> dict[str, Any]:
    prefix = {"prefix": tag_key(namespace, variable.dimension)} if variable.dimension else {}
    values = {"available_values": list(variable.values)} if variable.values else {}
    return {"name": variable.name, **prefix, **values, "defaults": list(variable.default) or ["*"]}


def namespaces(dashboard: Dashboard) -> dict[str, str]:
    """By a variable's name the namespace of the first line that uses it."""
    return {name: line.namespace for name, line in _users(dashboard)}


def _users(dashboard: Dashboard) -> Iterator[tuple[str, WidgetMetric]]:
    known, seen = by_name(dashboard.variables), set()
    for _, widget in walk(dashboard):
        for line in widget.metrics if isinstance(widget, MetricWidget) else ():
            for name in (name for value in flat(line.dimensions.values()) for name in used(value, known)):
                if name not in seen:
                    seen.add(name)
                    yield name, line


def flat(values: Iterable[str | tuple[str, ...]]) -> Iterator[str]:
    """The values of dimensions one by one."""
    for value in values:
        yield from (value,) if isinstance(value, str) else value


def narrowed(line: WidgetMetric, variables: Mapping[str, Variable]) -> WidgetMetric:
    """Without what whole `key:value`s narrow it by, which CloudWatch cannot say."""
    kept = {name: value for name, value in line.dimensions.items()
            if not (isinstance(value, str) and _is_whole(value, variables))}
    return line if len(kept) == len(line.dimensions) else line.model_copy(update={"dimensions": kept})


def _is_whole(value: str, variables: Mapping[str, Variable]) -> bool:
    variable = variables.get(value.lstrip("!").removeprefix("$"))
    return variable is not None and "$" in value and not variable.dimension and not variable.values


def cloudwatch_variables(dashboard: Dashboard, lost: Lost) -> list[dict[str, Any]]:
    users = dict(_users(dashboard))
    made = []
    for at, one in enumerate(dashboard.variables):
        here = lost.below("variables", at)
        if one.dimension or one.values:
            made.append(_pattern(one, users.get(one.name), here))
        else:
            here.lossy(reason="CloudWatch's variables stand for one dimension's value: everything is shown",
                       fix="name its `dimension`")
    return made


def _pattern(variable: Variable, line: WidgetMetric | None, lost: Lost) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "pattern", "pattern": pattern(variable.name),
                            "id": re.sub(r"\W", "_", variable.name), "label": variable.label or variable.name,
                            "visible": True}
    default = variable.default[0] if variable.default and variable.default[0] != "*" else None
    if len(variable.default) > 1:
        lost.lossy("default", reason=f"CloudWatch begins with one value: {variable.default[0]}")
    if default is None:
        lost.lossy(reason="CloudWatch has no choice of every value: it begins with the first",
                   fix="write a `default`")
    if variable.values:
        values = [{"label": value, "value": value} for value in variable.values]
        return made | {"inputType": "select", "values": values, "defaultValue": default or variable.values[0]}
    search = variable.search or _search(variable, line)
    if search:
        return made | {"inputType": "select", "search": search, "populateFrom": variable.dimension,
                       "defaultValue": default or FIRST}
    return made | {"inputType": "input", "defaultValue": default or ""}


def _search(variable: Variable, line: WidgetMetric | None) -> str:
    if not variable.dimension or line is None:
        return ""
    return f"{{{line.namespace},{','.join(line.dimensions)}}} MetricName=\"{line.metric}\""
