"""Metric names as requests write them: namespace, name, dimensions in; a metric's key out, or a refusal."""

from collections.abc import Iterator, Mapping, Sequence

from sandbox.cloudwatch.errors import Refused
from sandbox.cloudwatch.metrics import MetricKey

MOST_DIMENSIONS = 30
_LONGEST = {"Namespace": 255, "MetricName": 255, "Name": 255, "Value": 1024}


def metric_key(namespace: str, metric: str, dimensions: Sequence[Mapping[str, str]], *, code: str,
               where: str = "") -> MetricKey:
    """The metric that a request names at path `where`. Raises Refused with `code`."""
    problem = next(_problems(namespace, metric, dimensions, where), None)
    if problem:
        raise Refused(code, problem)
    return MetricKey.of(namespace, metric, {pair["Name"]: pair["Value"] for pair in dimensions})


def _problems(
    namespace: str, metric: str, dimensions: Sequence[Mapping[str, str]], where: str
) -> Iterator[str]:
    if namespace.startswith(":"):
        yield f"The value {namespace} for parameter Namespace is invalid."
    yield from _word("Namespace", namespace, "")
    yield from _word("MetricName", metric, where)
    if len(dimensions) > MOST_DIMENSIONS:
        yield f"The collection {where}Dimensions must not have a size greater than {MOST_DIMENSIONS}."
    if len({pair["Name"] for pair in dimensions}) < len(dimensions):
        yield f"The parameter {where}Dimensions must not name a dimension twice."
    for number, pair in enumerate(dimensions, 1):
        path = f"{where}Dimensions.member.{number}."
        yield from _word("Name", pair["Name"], path)
        yield from _word("Value", pair["Value"], path)
        if pair["Name"].startswith(":"):
            yield f"The value {pair['Name']} for parameter {path}Name is invalid."


def _word(kind: str, text: str, where: str) -> Iterator[str]:
    """ASCII without control characters, something to be seen in it, and not too long."""
    if not text.strip() or not text.isascii() or not text.isprintable():
        yield f"The value {text!r} for parameter {where}{kind} must be printable ASCII and not blank."
    if len(text) > _LONGEST[kind]:
        yield f"The parameter {where}{kind} must be shorter than {_LONGEST[kind] + 1} characters."
