"""Unit tests of rules, in the shape of promtool's: a YAML file in, series and what is expected out."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from watchbill.declare.document import Document
from watchbill.declare.parts import Parts, read_file
from watchbill.model.declared import Declared, Duration
from watchbill.model.failures import DeclarationError

_MOST_VALUES = 100_000
_PLAIN = r"(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|[iI]nf|[nN]a[nN])"
_NUMBER = rf"[-+]?{_PLAIN}"
_VALUES = re.compile(rf"(?P<first>{_NUMBER})(?:(?P<sign>[-+])(?P<step>{_PLAIN}))?x(?P<times>\d+)")
_SERIES = re.compile(r"(?P<metric>[^{}\s]+)\s*(?:\{(?P<labels>.*)\})?")
_LABEL = re.compile(r'\s*([A-Za-z_][\w.-]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')


class InputSeries(Declared):
    """`errors{namespace="shop", service="checkout"}` and the values that it has, one an interval."""

    series: str
    values: Annotated[str, Field(coerce_numbers_to_str=True)]

    @field_validator("series")
    @classmethod
    def _is_a_series(cls, series: str) -> str:
        labels_of(series)
        return series

    @field_validator("values")
    @classmethod
    def _are_values(cls, values: str) -> str:
        list(expanded(values))
        return values


class ExpectedAlert(Declared):
    exp_labels: dict[str, str] = Field(default_factory=dict)  # without alertname
    exp_annotations: dict[str, str] = Field(default_factory=dict)


class AlertRuleTest(Declared):
    eval_time: Duration
    alertname: str
    exp_alerts: tuple[ExpectedAlert, ...] = ()


class RuleTest(Declared):
    name: str = ""
    interval: Duration = Field(default=timedelta(minutes=1), gt=timedelta(0))
    input_series: tuple[InputSeries, ...] = ()
    alert_rule_test: tuple[AlertRuleTest, ...] = ()


class RuleTests(Declared):
    """`rule_files` are relative to the file itself."""

    rule_files: tuple[str, ...]
    evaluation_interval: Duration = Field(default=timedelta(minutes=1), gt=timedelta(0))
    tests: tuple[RuleTest, ...]


def load_rule_tests(file: Path) -> RuleTests:
    """Raises DeclarationError."""
    def take(parts: Parts[RuleTests], document: Document) -> None:
        parts.take(RuleTests, document.data, document)

    parts = read_file(file, take)
    if parts.findings or not parts.located:
        raise DeclarationError(parts.findings)
    return parts.located[0].value


def labels_of(series: str) -> tuple[str, dict[str, str]]:
    """The metric and the labels. Raises ValueError."""
    found = _SERIES.fullmatch(series.strip())
    if found is None:
        raise ValueError(f"{series!r} is no series; write errors{{namespace=\"shop\", service=\"checkout\"}}")
    labels, rest = {}, found["labels"] or ""
    while rest.strip():
        label = _LABEL.match(rest)
        if label is None:
            raise ValueError(f"{rest.strip()!r} is no label; write name=\"value\"")
        labels[label[1]] = re.sub(r"\\(.)", r"\1", label[2])
        rest = rest[label.end():]
    return found["metric"], labels


def expanded(values: str) -> Iterator[float | None]:
    """`1 2 _ 4x2 0+10x3 100-5x2 _x3 stale`, as promtool reads them; None: no point. Raises ValueError."""
    count = 0
    for word in values.split():
        for value in _expanded(word):
            count += 1
            if count > _MOST_VALUES:
                raise ValueError(f"has more than {_MOST_VALUES} values")
            yield value


def _expanded(word: str) -> Iterator[float | None]:
    missing = re.fullmatch(r"_(?:x(\d+))?|stale", word)
    if missing is not None:
        yield from (None for _ in range(int(missing[1] or 1)))
        return
    found = _VALUES.fullmatch(word)
    if found is None and not re.fullmatch(_NUMBER, word):
        raise ValueError(f"{word!r} are no values; write 1, _, 1x3, 0+10x5 or 100-5x3")
    if found is None:
        yield float(word)
        return
    step = float(f"{found['sign']}{found['step']}") if found["step"] else 0.0
    yield from (float(found["first"]) + step * place for place in range(int(found["times"]) + 1))


