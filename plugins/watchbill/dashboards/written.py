"""A dashboard of the model -> the YAML that declares it: what a person would write."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import yaml
from pydantic import BaseModel

from watchbill.model.dashboards import Dashboard, MetricWidget, WidgetMetric
from watchbill.model.windows import format_duration

_FIRST = ("id", "type", "title", "label")
_LAST = ("widgets", "override")
_TELLING = ("period",)  # said on purpose even where it is the default: another body follows from it
_WIDTH = 118
_BREAKS = re.compile("[\r\x85\u2028\u2029]")  # YAML takes each for the end of a line, unless it is escaped


class _Row(dict[str, Any]):
    """Written in one line."""


class _Dumper(yaml.SafeDumper):
    """Without anchors; lists are indented below their name."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = '"' if _BREAKS.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _row(dumper: yaml.SafeDumper, row: _Row) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", row, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Row, _row)


def written(dashboard: Dashboard, comments: Sequence[str] = ()) -> str:
    text = yaml.dump(document(dashboard), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return "".join(f"# {line}\n" for line in comments) + str(text)


def document(model: BaseModel) -> dict[str, Any]:
    """What was set, as far as it is not the default."""
    fields = type(model).model_fields
    said = {name: _plain(name, value) for name, value in model if _is_said(model, name, value)}
    if isinstance(model, MetricWidget):
        said["metrics"] = [_line(line, made, model.statistic)
                           for line, made in zip(model.metrics, said["metrics"], strict=True)]
    order = [*_FIRST, *(name for name in fields if name not in (*_FIRST, *_LAST)), *_LAST]
    return {name: said[name] for name in order if name in said}


def _is_said(model: BaseModel, name: str, value: Any) -> bool:
    field = type(model).model_fields[name]
    if name not in model.model_fields_set or (isinstance(value, BaseModel) and not document(value)):
        return False
    return field.is_required() or name in _TELLING or value != field.get_default(call_default_factory=True)


def _line(line: WidgetMetric, made: dict[str, Any], statistic: str) -> dict[str, Any]:
    """Without the statistic that it has of its widget, and with one that is its own, the usual one too."""
    if not statistic or not line.metric:
        return made
    kept = {name: value for name, value in made.items() if name != "statistic"}
    return kept | ({} if line.statistic == statistic else {"statistic": line.statistic})


def _plain(name: str, value: Any) -> Any:
    match value:
        case BaseModel():
            return document(value)
        case timedelta():
            return format_duration(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case tuple() if name == "clouds" and len(value) == 1:
            return value[0]
        case tuple() | list():
            return [_plain("", each) for each in value]
        case Mapping():
            plain = {key: _plain("", each) for key, each in value.items()}
            return _Row(plain) if name == "dimensions" and _is_short(plain) else plain
    return value


def _is_short(plain: Mapping[str, Any]) -> bool:
    return len(str(plain)) < _WIDTH - 20 and "\n" not in str(plain)
