"""Variables of a dashboard in each cloud's words.

CloudWatch has patterns, texts that are replaced all over the dashboard: ours is `@name@` where YAML has `$name`.
Datadog has template variables: `$name` in a query stands for `key:value`, `$name.value` for the value alone.
docs.datadoghq.com/dashboards/template_variables
"""

import json
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
    return [name for word in _USED.findall(value) if (name := _longest(word, variables))] if "$" in value else []


def unknown(value: str, variables: Mapping[str, Variable]) -> list[str]:
    """What begins as a variable's name would, and is none's."""
    return [word for word in _USED.findall(value) if not _longest(word, variables)]


def _longest(word: str, variables: Mapping[str, Variable]) -> str:
    return next((word[:end] for end in range(len(word), 0, -1) if word[:end] in variables), "")


def placed(value: str, variables: Mapping[str, Variable]) -> str:
    """With CloudWatch's pattern for each variable."""
    return _replaced(value, variables, pattern)


def _replaced(value: str, variables: Mapping[str, Variable], say: Callable[[str], str]) -> str:
    if "$" not in value:
        return value

    def one(found: re.Match[str]) -> str:
        name = _longest(found[1], variables)
        return f"{say(name)}{found[1][len(name):]}" if name else found[0]

    return _USED.sub(one, value)


def pattern(name: str) -> str:
    return f"@{name}@"


def comparison(name: str) -> str:
    """The pattern of a whole comparison, `= 'web-1'`: so an open variable may say `!= '*'`, which is everything."""
    return f"@{name}=@"


def condition(name: str) -> str:
    """The pattern of a whole condition of a search, `env=prod`: an open variable may say `NOT nothing`."""
    return f"@{name}:@"


def log_condition(name: str) -> str:
    """The pattern of a condition of Logs Insights, `env = 'prod'`: an open variable may say `ispresent(@message)`."""
    return f"@{name}~@"


_LABEL = 30  # signs that CloudWatch takes
EVERYTHING = "!= '*'"
EVERY_FOUND = "NOT nothing"
EVERY_LOG = "ispresent(@message)"


def open_variable(word: str, variables: Mapping[str, Variable]) -> Variable | None:
    """Of `$name` or `!$name`: a variable that begins with every value."""
    variable = variables.get(word.removeprefix("!").removeprefix("$")) if "$" in word else None
    return variable if variable is not None and variable.dimension and not _default(variable) else None


def _default(variable: Variable) -> str:
    """"" for every value."""
    return next((one for one in variable.default if one != "*"), "")


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
    for _, widget in walk(dashboard) if known else ():
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
    if not variables:
        return line
    kept = {name: value for name, value in line.dimensions.items()
            if not (isinstance(value, str) and _is_whole(value, variables))}
    return line if len(kept) == len(line.dimensions) else line.model_copy(update={"dimensions": kept})


def _is_whole(value: str, variables: Mapping[str, Variable]) -> bool:
    variable = variables.get(value.lstrip("!").removeprefix("$"))
    return variable is not None and "$" in value and not variable.dimension and not variable.values


def cloudwatch_variables(dashboard: Dashboard, lost: Lost, said: str) -> list[dict[str, Any]]:
    """`said`: the text of the widgets, in which an open variable has one pattern, another or none."""
    users = dict(_users(dashboard))
    made = []
    for at, one in enumerate(dashboard.variables):
        here = lost.below("variables", at)
        if not one.dimension and not one.values:
            here.lossy(reason="CloudWatch's variables stand for one dimension's value: everything is shown",
                       fix="name its `dimension`")
            continue
        whole = [say(one, here) for text, say in ((comparison(one.name), _compared), (condition(one.name), _searched),
                                                   (log_condition(one.name), _filtered))
                 if text in said]
        made += whole
        is_used = pattern(one.name) in said
        if is_used or not whole:
            made.append(_pattern(one, users.get(one.name), here, is_used=is_used))
    return made


def _is_aggregated(line: WidgetMetric | None) -> bool:
    return line is not None and line.aggregate_across != "none"


_MOST = 25  # that CloudWatch takes


def fewer_variables(variables: list[dict[str, Any]], widgets: list[dict[str, Any]],
                    lost: Lost) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Those that CloudWatch takes; the others stand for what they begin with. What begins with a search's first value
    stays before any other."""
    if len(variables) <= _MOST:
        return variables, widgets
    ranked = sorted(variables, key=lambda one: one["defaultValue"] != FIRST)
    text = json.dumps(widgets)
    for one in ranked[_MOST:]:
        lost.lossy("variables", reason=f"CloudWatch takes {_MOST} variables: {one['label']} stays as it begins")
        text = text.replace(one["pattern"], json.dumps(one["defaultValue"])[1:-1])
    return ranked[:_MOST], json.loads(text)


def _head(text: str, name: str, label: str) -> dict[str, Any]:
    return {"type": "pattern", "pattern": text, "id": re.sub(r"\W", "_", name), "label": label[:_LABEL],
            "visible": True}


def _compared(variable: Variable, lost: Lost) -> dict[str, Any]:
    return _whole(variable, comparison(variable.name), "is", EVERYTHING, _is, lost)


def _searched(variable: Variable, lost: Lost) -> dict[str, Any]:
    return _whole(variable, condition(variable.name), "has", EVERY_FOUND,
                  lambda value: f"{variable.dimension}={value}", lost)


def _filtered(variable: Variable, lost: Lost) -> dict[str, Any]:
    field = variable.dimension.removeprefix("@")
    return _whole(variable, log_condition(variable.name), "logs", EVERY_LOG,
                  lambda value: f"{field} {_is(value)}", lost)


def _whole(variable: Variable, text: str, word: str, every: str, say: Callable[[str], str],
           lost: Lost) -> dict[str, Any]:
    """Chosen from what is known, or else typed."""
    label = variable.label or variable.name
    if variable.values:
        values = [{"label": value, "value": say(value)} for value in variable.values if value != "*"]
        return _head(text, f"{variable.name}_{word}", label) | {
            "inputType": "select", "values": [{"label": "*", "value": every}, *values], "defaultValue": every}
    lost.lossy(reason=f"CloudWatch has no choice of every value: for one, type {say('value')} in place of {every}",
               fix="write its `values`, or a `default`")
    told = f"{label} ({say('value')})"
    return _head(text, f"{variable.name}_{word}", told if len(told) <= _LABEL else label) | {
        "inputType": "input", "defaultValue": every}


def _is(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"= '{escaped}'"


def _pattern(variable: Variable, line: WidgetMetric | None, lost: Lost, *, is_used: bool) -> dict[str, Any]:
    """The variable as a value. `is_used`: not at all, or only as a whole condition, there is no first value to find."""
    made = _head(pattern(variable.name), variable.name, variable.label or variable.name)
    default = _default(variable)
    if len(variable.default) > 1:
        lost.lossy("default", reason=f"CloudWatch begins with one value: {variable.default[0]}")
    is_searched = _is_aggregated(line) and not is_used
    if not default and not is_searched:
        lost.lossy(reason="CloudWatch has no choice of every value: it begins with the first",
                   fix="write a `default`")
    if variable.values:
        values = [{"label": value, "value": value} for value in variable.values]
        every = [{"label": "*", "value": "*"}] if is_searched and not default and "*" not in variable.values else []
        return made | {"inputType": "select", "values": [*every, *values],
                       "defaultValue": default or ("*" if is_searched else variable.values[0])}
    search = variable.search or _search(variable, line)
    if search and (default or not is_searched):
        return made | {"inputType": "select", "search": search, "populateFrom": variable.dimension,
                       "defaultValue": default or FIRST}
    return made | {"inputType": "input", "defaultValue": default or "*"}


def _search(variable: Variable, line: WidgetMetric | None) -> str:
    if not variable.dimension or line is None:
        return ""
    return f"{{{line.namespace},{','.join(line.dimensions)}}} MetricName=\"{line.metric}\""
