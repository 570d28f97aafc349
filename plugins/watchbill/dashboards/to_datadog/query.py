"""One line of a widget -> a query in Datadog's language, rolled up to its period: the one that collects.

Beyond what is collected a line may exclude values, name several, use wildcards and variables, aggregate across all
metrics that match, and fill gaps. docs.datadoghq.com/metrics/advanced-filtering
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from watchbill.dashboards.lost import Lost
from watchbill.dashboards.variables import tag_values, used
from watchbill.model.dashboards import Variable
from watchbill.model.dashboards.lines import ANY, WidgetMetric, is_fixed
from watchbill.model.datadog_names import metric_name, tag_key, tag_value
from watchbill.model.datadog_query import UnknownStatisticError, aggregators, assembled

# AWS' own namespaces outside of AWS/: Datadog's agent and integrations measure the same under other names.
_AGENTS = frozenset({"CWAgent", "ContainerInsights", "LambdaInsights"})
_KEPT = re.compile(r"(\*|\$+\{[^{}]*\})")
_PLACEHOLDER = re.compile(r"\$+\{[^{}]*\}")
_LETTERS = 26
_FILLS = {"zero": "zero", "last": "last", "linear": "linear", "none": "null"}


def query(line: WidgetMetric, period_s: int, variables: Mapping[str, Variable], lost: Lost) -> str | None:
    """The line's own `datadog` text, or what the rule makes of it; None where it makes nothing, which is noted."""
    if line.datadog:
        return line.datadog
    try:
        space, modifier, time = aggregators(line.namespace, line.statistic)
    except UnknownStatisticError:
        lost.impossible(reason=f"Datadog keeps no {line.statistic} of {line.namespace}",
                        fix="write `datadog:` with a query of its own")
        return None
    if line.aggregate_across != "none":
        space = line.aggregate_across
    if name := guessed_name(line):
        lost.lossy(reason=f"in Datadog this would be {name}, which is hardly its name there",
                   fix="write `datadog_name:`, or `datadog:`, for example avg:system.cpu.user{*}")
    return assembled((space, modifier, time), line.datadog_name or _name(line), _scope(line, variables), groups(line),
                     period_s, f".fill({_fill(line, lost)})")


def _name(line: WidgetMetric) -> str:
    """A template's ${…} stands in it as it is, for who fills it in."""
    if "$" not in line.metric:
        return metric_name(line.namespace, line.metric, line.statistic, line.dimensions)
    kept = dict.fromkeys(_PLACEHOLDER.findall(line.metric))
    words = {f"placeholder{chr(ord('a') + at)}": text for at, text in enumerate(kept) if at < _LETTERS}
    metric = line.metric
    for word, text in words.items():
        metric = metric.replace(text, word)
    name = metric_name(line.namespace, metric, line.statistic, line.dimensions)
    for word, text in words.items():
        name = name.replace(word, text)
    return name


def groups(line: WidgetMetric) -> list[str]:
    """The tags whose every value is a line of its own; without an aggregate each metric is one."""
    return [tag_key(line.namespace, name) for name, value in line.dimensions.items()
            if value == ANY or (line.aggregate_across == "none" and not is_fixed(value))]


def guessed_name(line: WidgetMetric) -> str | None:
    """The name that the rule makes where it is known to miss: what agents report is `system.cpu.user` in Datadog."""
    if line.datadog or line.datadog_name or line.namespace not in _AGENTS:
        return None
    return metric_name(line.namespace, line.metric, line.statistic, line.dimensions)


def _scope(line: WidgetMetric, variables: Mapping[str, Variable]) -> str:
    terms = [one for name, value in line.dimensions.items() if value != ANY
             for one in _terms(line.namespace, name, value, variables)]
    # IN belongs to the notation with AND and NOT, which commas and ! must not be mixed with.
    if any(" IN (" in one for one in terms):
        return " AND ".join(f"NOT {one[1:]}" if one.startswith("!") else one for one in terms)
    return ",".join(terms)


def _terms(namespace: str, name: str, value: str | tuple[str, ...], variables: Mapping[str, Variable]) -> Iterator[str]:
    key = tag_key(namespace, name)
    values = (value,) if isinstance(value, str) else value
    wanted = [one for one in values if not one.startswith("!")]
    if len(wanted) > 1:
        yield f"{key} IN ({', '.join(_value(one) for one in wanted)})"
    elif wanted:
        yield _term(key, name, wanted[0], variables)
    for one in values:
        if one.startswith("!"):
            yield f"!{_term(key, name, one[1:], variables)}"


def _term(key: str, name: str, value: str, variables: Mapping[str, Variable]) -> str:
    """`$service` where the variable stands for that very tag, else `host:web-$env.value`."""
    variable = variables.get(value.removeprefix("$")) if value.startswith("$") else None
    if variable is not None and variable.dimension in ("", name):
        return value
    return f"{key}:{_value(value) if not used(value, variables) else tag_values(value, variables)}"


@lru_cache(maxsize=4096)
def _value(value: str) -> str:
    """As Datadog keeps it, * apart; a template's ${…} is left to who fills it in."""
    return "".join(part if _KEPT.fullmatch(part) else tag_value(part) for part in _KEPT.split(value) if part)


def _fill(line: WidgetMetric, lost: Lost) -> str:
    if line.fill is None:
        return "null"
    if isinstance(line.fill, str):
        return _FILLS[line.fill]
    if line.fill == 0:
        return "zero"
    lost.lossy("fill", reason="Datadog fills gaps with 0, the last value or a straight line, not with a number")
    return "null"
