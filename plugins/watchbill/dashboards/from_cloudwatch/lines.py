"""The rows of a CloudWatch metric widget -> the lines of ours, as YAML has them, and what of them has no word there.

A row that our words do not say in the very same letters keeps its own as `cloudwatch:`, beside what it means. What an
expression searches for by itself becomes a line that the other cloud alone needs.
"""

import keyword
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from watchbill.dashboards.from_cloudwatch.math import REORDERING, Lines, UnsaidError, is_several, said
from watchbill.dashboards.from_cloudwatch.rows import expanded, split
from watchbill.dashboards.from_cloudwatch.search import Found, check_plain, searched, selected
from watchbill.dashboards.reading import Unsaid
from watchbill.model.cloudwatch_math import is_select
from watchbill.model.languages.metric_math import Call, Name, Node, Number, Operation, Several, parse
from watchbill.model.languages.tokens import NotReadError
from watchbill.model.windows import format_duration

Line = dict[str, Any]
_ACROSS = {"SUM": "sum", "AVG": "avg", "MIN": "min", "MAX": "max"}
_FILLS = {"REPEAT": "last", "LINEAR": "linear"}


class NoLineError(ValueError):
    """A row that is none of those that CloudWatch's page knows."""


@dataclass
class Read:
    """The lines in the order of the rows, those for the other cloud alone before the row that needs them."""

    lines: list[Line] = field(default_factory=list)
    unsaid: list[Unsaid] = field(default_factory=list)
    broken: dict[int, str] = field(default_factory=dict)  # by the place of a line that is CloudWatch's alone: why
    sort: str = ""
    limit: int | None = None


def read_rows(rows: Sequence[Any], variables: Collection[str] = ()) -> Read:
    """`variables`: dimensions whose value a variable of the dashboard puts in. Raises NoLineError."""
    unsayable: set[str] = set()
    while True:
        reader = _Reader(expanded(rows), variables, unsayable)
        found = reader.read()
        if reader.unsayable == unsayable:
            return found
        unsayable = reader.unsayable


class _Reader:
    """`unsayable`: ids of rows that no words were found for, so that none are for what computes with them."""

    def __init__(self, rows: Sequence[Any], variables: Collection[str], unsayable: Collection[str]) -> None:
        self.unsayable = set(unsayable)
        self._rows = [_checked(row) for row in rows]
        self._variables = variables
        self._read = Read()
        self._several: dict[str, bool] = {}
        self._by_id: dict[str, Line] = {}  # lines that are metrics
        self._taken = {options["id"] for _, options in self._rows if "id" in options}

    def read(self) -> Read:
        self._know_the_ids()
        metrics = tuple(options["id"] for words, options in self._rows if words and "id" in options)
        self._lines = Lines(self._several, metrics, self.unsayable)
        for words, options in self._rows:
            if words:
                self._metric(words, options)
        for words, options in self._rows:
            self._row(words, options)
        return self._read

    def _know_the_ids(self) -> None:
        """Rows may compute with those below them, so this goes on until nothing new is known."""
        self._several.update({options["id"]: False for _, options in self._rows if "id" in options})
        for _ in self._rows:
            before = dict(self._several)
            for words, options in self._rows:
                if not words and "id" in options:
                    self._several[options["id"]] = self._is_several(str(options["expression"]))
            if before == self._several:
                return

    def _is_several(self, text: str) -> bool:
        try:
            if is_select(text):
                return selected(text).is_several
            return is_several(parse(text), Lines(self._several))
        except (UnsaidError, NotReadError):
            return False

    def _row(self, words: list[str], options: Mapping[str, Any]) -> None:
        line = self._metric(words, options) if words else self._computed(options)
        self._read.lines.append(_in_order(line | _shown(options)))

    def _computed(self, options: Mapping[str, Any]) -> Line:
        before = len(self._read.lines)
        self._lines.lost.clear()
        try:
            line = self._expression(options)
            self._read.unsaid += [Unsaid("lossy", f"{_called(options)}: {lost}") for lost in self._lines.lost]
        except (UnsaidError, NotReadError) as error:
            del self._read.lines[before:]
            self.unsayable.add(options.get("id", ""))
            line = {} if options.get("visible") is not False else {"clouds": ["cloudwatch"]}
            if not line:
                self._read.broken[before] = f"{_called(options)} {error}"
        return line | {"cloudwatch": str(options["expression"])}

    def _metric(self, words: list[str], options: Mapping[str, Any]) -> Line:
        dimensions = dict(zip(words[2::2], words[3::2], strict=True))
        for name, value in dimensions.items():
            if name in self._variables:
                dimensions[name] = f"${name}"
                continue
            try:
                check_plain(value)
            except UnsaidError as error:
                raise NoLineError(f"{name} {error}") from None
        line: Line = {"namespace": words[0], "metric": words[1]}
        line |= {"dimensions": dimensions} if dimensions else {}
        line |= {"statistic": options["stat"]} if options.get("stat") else {}
        line |= {"period": _duration(options["period"])} if options.get("period") else {}
        if "id" in options:
            self._by_id[options["id"]] = line
        return line

    def _expression(self, options: Mapping[str, Any]) -> Line:
        text = str(options["expression"])
        own = {"period": _duration(options["period"])} if options.get("period") else {}
        if is_select(text):
            return own | self._found(selected(text, self._variables), options)
        node, fill = self._unwrapped(parse(text))
        return own | self._meant(node, fill, options)

    def _unwrapped(self, node: Node) -> tuple[Node, float | str | None]:
        """Without what only orders, cuts or fills the lines."""
        match node:
            case Call(function="FILL", arguments=(inner, Number(value=value))):
                return self._unwrapped(inner)[0], value
            case Call(function="FILL", arguments=(inner, Name(id=how))) if how in _FILLS:
                return self._unwrapped(inner)[0], _FILLS[how]
            case Call(function="SORT", arguments=(inner, Name(), Name(id=order), *limit)):
                self._order(order, limit[0] if limit else None)
                return self._unwrapped(inner)
            case Call(function="SLICE", arguments=(inner, Number(value=0), Number(value=end))):
                if not (isinstance(inner, Call) and inner.function == "SORT"):
                    raise UnsaidError("cuts off lines in no order of its own")
                found = self._unwrapped(inner)
                self._read.limit = int(end)
                return found
            case Call(function="REMOVE_EMPTY", arguments=(inner,)):
                return self._unwrapped(inner)
        return node, None

    def _order(self, order: str, limit: Node | None) -> None:
        self._read.sort = order.lower() if order in ("ASC", "DESC") else ""
        if isinstance(limit, Number):
            self._read.limit = int(limit.value)

    def _meant(self, node: Node, fill: float | str | None, options: Mapping[str, Any]) -> Line:
        filled = {} if fill is None else {"fill": _fill(fill)}
        match node:
            case Call(function="SEARCH"):
                return self._found(searched(node, self._variables), options) | filled
            case Call(function=across, arguments=(Call(function="SEARCH") as search,)) if across in _ACROSS:
                return self._aggregated(searched(search, self._variables), across, options) | filled
            case Name(id=name) if name in self._by_id and (filled or keyword.iskeyword(name)):
                return dict(self._by_id[name]) | filled
        whole = self._with_inputs(node, options)
        if isinstance(fill, float):
            return {"expression": f"fill({said(whole, self._lines)}, {fill:.15g})"}
        if fill is not None:
            self._lines.lost.append("its gaps are not filled")
        return {"expression": said(whole, self._lines)}

    def _aggregated(self, found: Found, across: str, options: Mapping[str, Any]) -> Line:
        """SUM(SEARCH(…)) is one line of all that is found."""
        line = self._found(found, options, keeps=False)
        kept = {name: value for name, value in line.get("dimensions", {}).items() if value != "*"}
        line = {name: value for name, value in line.items() if name != "dimensions"}
        return line | ({"dimensions": kept} if kept else {}) | {"aggregate_across": _ACROSS[across]}

    def _found(self, found: Found, options: Mapping[str, Any], *, keeps: bool = True) -> Line:
        self._lines.lost += found.lost
        self._read.sort, self._read.limit = found.order or self._read.sort, found.limit or self._read.limit
        line = dict(found.fields)
        if "period" in line:
            line["period"] = _duration(line["period"])
        if keeps and "id" in options:
            self._by_id[options["id"]] = line
        return line

    def _with_inputs(self, node: Node, options: Mapping[str, Any]) -> Node:
        """With the ids of lines in place of what it searches for by itself, or of ids that are no names in Python."""
        match node:
            case Call(function="SEARCH"):
                return Name(self._input(self._found(searched(node, self._variables), options, keeps=False), options,
                                        several=True))
            case Name(id=name) if keyword.iskeyword(name) and name in self._by_id:
                return Name(self._input(dict(self._by_id[name]), options, several=self._several[name]))
            case Call(function=function, arguments=(inner, *_)) if function in REORDERING:
                return self._with_inputs(inner, options)
            case Call(function=function, arguments=arguments):
                return Call(function, tuple(self._with_inputs(each, options) for each in arguments))
            case Several(items=items):
                return Several(tuple(self._with_inputs(each, options) for each in items))
            case Operation(operator=operator, left=left, right=right):
                return Operation(operator, None if left is None else self._with_inputs(left, options),
                                 self._with_inputs(right, options))
        return node

    def _input(self, line: Line, options: Mapping[str, Any], *, several: bool) -> str:
        stem, count = options.get("id") or "e", 1
        while (name := f"{stem}_{count}") in self._taken:
            count += 1
        self._taken.add(name)
        self._several[name] = several
        self._read.lines.append(_in_order({"id": name, "clouds": ["datadog"], "visible": False} | line))
        return name


def _fill(value: float | str) -> float | str:
    if isinstance(value, str):
        return value
    return "zero" if value == 0 else int(value) if value.is_integer() else value


def _checked(row: Any) -> tuple[list[str], Mapping[str, Any]]:
    if not isinstance(row, list):
        raise NoLineError("has a row of metrics that is no list")
    words, options = split(row)
    if not all(isinstance(word, str) and word for word in words) or (not words and "expression" not in options):
        raise NoLineError("has a row of metrics that is neither a metric nor an expression")
    if words and (len(words) % 2 or "expression" in options):
        raise NoLineError("has a row of metrics that lacks the value of a dimension")
    if "." in words or "..." in words:
        raise NoLineError("has a row of metrics that repeats what is not there")
    return words, options


def _shown(options: Mapping[str, Any]) -> Line:
    line: Line = {}
    for name, ours in (("id", "id"), ("label", "label"), ("region", "region"), ("color", "color")):
        if options.get(name):
            line[ours] = options[name]
    if str(options.get("accountId", "")).isdigit() and len(str(options["accountId"])) == 12:
        line["account"] = options["accountId"]
    if options.get("yAxis") == "right":
        line["axis"] = "right"
    if options.get("visible") is False:
        line["visible"] = False
    return line


_ORDER = ("id", "label", "namespace", "metric", "dimensions", "statistic", "aggregate_across", "expression", "period",
          "fill", "cloudwatch", "region", "account", "color", "axis", "visible", "clouds")


def _in_order(line: Line) -> Line:
    return {name: line[name] for name in _ORDER if line.get(name) not in (None, "")}


def _called(options: Mapping[str, Any]) -> str:
    names = (str(options.get(key, "")).strip() for key in ("label", "id", "expression"))
    return f"line {next(filter(None, names), '')[:60]}"


def _duration(seconds: Any) -> str:
    if not isinstance(seconds, int) or seconds <= 0:
        raise NoLineError("has a period that is no number of seconds")
    return format_duration(timedelta(seconds=seconds))
