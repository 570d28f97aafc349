"""Last step of judgement: what an instance is called and what people read about it.

Labels and annotations are Jinja templates in a sandbox. They are rendered from numbers and from names
that come from outside, and never stop an alert: one that fails goes out as it was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from watchbill.model.rules import Condition, Rule
from watchbill.model.windows import format_duration
from watchbill.rules.judge import Reading

_SI = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def humanize(value: float | None) -> str:
    """Four significant digits with k, M, G or T, as Prometheus' filter of this name; `no data` for None."""
    if value is None:
        return "no data"
    for size, sign in _SI:
        if abs(value) >= size:
            return f"{value / size:.4g}{sign}"
    return f"{value:.4g}"


# Escaping is the channels': only they know where a text goes.
_JINJA = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_JINJA.filters["humanize"] = humanize


@dataclass(frozen=True)
class Described:
    """An instance in words. `errors` says which template failed and how; its text went out as written."""

    labels: dict[str, str]  # the alert's identity: the dimensions, the rule's labels, alertname
    annotations: dict[str, str]
    metadata: dict[str, Any]  # JSON: what was compared with what
    errors: tuple[str, ...] = ()


def render(rule: Rule, reading: Reading) -> Described:
    """Labels, annotations and metadata. A label that renders to nothing is left out, as in Prometheus."""
    errors: list[str] = []
    names = {"labels": dict(reading.labels), "value": reading.value, "threshold": rule.condition.threshold,
             "window": format_duration(rule.condition.window)}
    own = _render_all("labels", rule.labels, names, errors)
    labels = {name: value for name, value in {**reading.labels, **own}.items() if value}
    names["labels"] = {**labels, "alertname": rule.alert}
    annotations = _render_all("annotations", rule.annotations, names, errors)
    return Described(labels | {"alertname": rule.alert}, annotations, metadata(rule.condition, reading),
                     tuple(errors))


def _render_all(
    kind: str, templates: Mapping[str, str], names: Mapping[str, Any], errors: list[str],
) -> dict[str, str]:
    rendered: dict[str, str] = {}
    for name, template in templates.items():
        try:
            rendered[name] = _compiled(template).render(names)
        except Exception as error:  # noqa: BLE001 - a template may raise anything; the alert matters more
            errors.append(f"{kind}.{name}: {type(error).__name__}: {error}")
            rendered[name] = template
    return rendered


@lru_cache(maxsize=1024)
def _compiled(template: str) -> Template:
    """A rule's template serves each of its alerts."""
    return _JINJA.from_string(template)


def metadata(condition: Condition, reading: Reading) -> dict[str, Any]:
    """What was seen, what it was compared with, and where; the names of series are no labels, a rule may span them."""
    series = reading.series
    judged = (f"{condition.aggregate} {series.namespace} {series.metric} {series.statistic} "
              f"over {format_duration(condition.window)} {condition.comparison} {condition.threshold:g}")
    words = {"value": reading.value, "condition": judged, "unit": series.unit, "source": series.source,
             "account": series.account, "region": series.region}
    return {name: word for name, word in words.items() if word != ""}
