"""Reads one YAML file: text in; data, the line of every key and value, and findings out.

A plain file is read at once and only for its data; its lines are read when somebody asks for one. Whatever is not plain
is read in full.

Scalars are read as YAML 1.2 says, where `no`, `on` and `17:00` are text, so that files written for
Prometheus and Alertmanager mean here what they mean there.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar

import yaml

from watchbill.declare.document import Document, Path, Place, dotted
from watchbill.declare.syntax import syntax_finding
from watchbill.model.failures import Finding

_MAX_DEPTH = 64  # libyaml's composer recurses in C: a deeper file could end the process
_MAX_REPEATED = 10_000  # nodes that aliases repeat: a few nested ones make millions
_CORE = "tag:yaml.org,2002:"
# yaml.org/spec/1.2.2, 10.3.2: the core schema. A leading zero makes no number: account 012345678901.
_PATTERNS = {
    "merge": (r"<<", ["<"]),
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?(0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    "float": (r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
              r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", list("-+0123456789.")),
}
_SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "merge": str,
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": lambda text: int(text, 0),
    "float": lambda text: float(text.lower().replace(".inf", "inf").replace(".nan", "nan")),
}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for _kind, (_pattern, _first) in _PATTERNS.items():
    _Loader.add_implicit_resolver(_CORE + _kind, re.compile(f"^(?:{_pattern})$"), _first)
_SCALAR_OF = {first: tuple((re.compile(pattern).fullmatch, _SCALARS[kind])
                           for kind, (pattern, firsts) in _PATTERNS.items() if first in firsts and kind != "merge")
              for first in {first for _, firsts in _PATTERNS.values() for first in firsts}}


def read_document(file: str, text: str) -> Document:
    """Never raises: what cannot be read is a finding."""
    try:
        data = _plain(_Loader(text).get_event)
    except (_NotPlainError, yaml.YAMLError, ValueError):
        return read_in_full(file, text)
    return Document(file, data, look_up=lambda: read_in_full(file, text).places)


def read_in_full(file: str, text: str) -> Document:
    """The same with the line of everything at once, and at three times the price."""
    places: dict[Path, Place] = {}
    document = Document(file, look_up=lambda: places)
    try:
        _measure(text)
        root = _Loader(text).get_single_node()
    except yaml.YAMLError as error:
        document.findings.append(syntax_finding(file, text, error))
        return document
    if root is None:
        document.findings.append(_empty(file, text))
        document.data = {} if text.strip() else None
    else:
        document.data = _Reader(document).value(root, (), root.start_mark.line + 1)
    return document


class _NotPlainError(Exception):
    """Something that needs more than a glance: anchors, tags, doubles, keys that are no text, great depth, no data."""


def _plain(event: Callable[[], Any]) -> Any:
    """The one document of a plain file. Raises _NotPlainError, and what PyYAML raises."""
    event()  # the stream's beginning
    if type(event()) is not yaml.DocumentStartEvent:
        raise _NotPlainError
    data = _whole(event)
    event()  # the document's end
    if type(event()) is not yaml.StreamEndEvent:
        raise _NotPlainError
    return data


def _whole(event: Callable[[], Any]) -> Any:
    """A loop and no recursion: this is where the time of reading goes."""
    stack: list[tuple[Any, str | None]] = []
    inside: Any = None
    key: str | None = None
    while True:
        one = event()
        kind = type(one)
        if kind is yaml.ScalarEvent:
            if key is None and type(inside) is dict:
                key = _key(one, inside)
                continue
            value = _scalar(one)
        elif kind in _BEGINNINGS:
            if one.anchor or one.tag or len(stack) >= _MAX_DEPTH or (key is None and type(inside) is dict):
                raise _NotPlainError
            stack.append((inside, key))
            inside, key = _BEGINNINGS[kind](), None
            continue
        elif kind in _ENDS:
            value = inside
            inside, key = stack.pop()
        else:
            raise _NotPlainError
        if inside is None:
            return value
        if key is None:
            inside.append(value)
        else:
            inside[key], key = value, None


_BEGINNINGS: dict[type, Callable[[], Any]] = {yaml.MappingStartEvent: dict, yaml.SequenceStartEvent: list}
_ENDS = frozenset({yaml.MappingEndEvent, yaml.SequenceEndEvent})


def _key(one: Any, inside: dict[str, Any]) -> str:
    key: str = one.value
    if one.anchor or one.tag or key in inside or key == "<<":
        raise _NotPlainError
    return key


def _scalar(one: Any) -> Any:
    if one.anchor or one.tag:
        raise _NotPlainError
    text = one.value
    return _unquoted(text) if one.implicit[0] and text[:1] in _SCALAR_OF else text


@lru_cache(maxsize=4096)
def _unquoted(text: str) -> Any:
    """What a scalar without quotes is."""
    return next((made(text) for matches, made in _SCALAR_OF[text[:1]] if matches(text)), text)


def _empty(file: str, text: str) -> Finding:
    if text.strip():
        return Finding(file, 0, "", "declares nothing: all of it is comments", severity="warning")
    return Finding(file, 0, "", "is empty", "write what it should declare, or remove the file")


def _measure(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            line = event.start_mark.line if event.start_mark else 0
            mark = yaml.Mark("", 0, line, 0, None, 0)
            problem = f"it is nested deeper than {_MAX_DEPTH} levels"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


class _Reader:
    """Nodes to data; writes places, findings and broken paths into the document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._places = document.places
        self._seen: set[int] = set()
        self._repeated = 0
        self._depth = 0
        self._endless = False

    def value(self, node: yaml.Node, path: Path, key_line: int) -> Any:
        scalar = node.value if isinstance(node, yaml.ScalarNode) else None
        line = node.start_mark.line + 1
        first = line + (getattr(node, "style", None) in ("|", ">"))
        self._places[path] = Place(key_line, line, scalar, first)
        if not self._allowed(node, path):
            return None
        self._depth += 1
        data = self._data(node, path)
        self._depth -= 1
        return data

    def _data(self, node: yaml.Node, path: Path) -> Any:
        kind = node.tag.removeprefix(_CORE)
        if isinstance(node, yaml.MappingNode) and kind == "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            return [self.value(item, (*path, place), item.start_mark.line + 1)
                    for place, item in enumerate(node.value)]
        if not isinstance(node, yaml.ScalarNode) or kind not in _SCALARS:
            tag = node.tag.replace(_CORE, "!!")
            return self._wrong(path, f"the tag {tag} is not read", "leave the tag out")
        try:
            return _SCALARS[kind](node.value)
        except ValueError:
            return self._wrong(path, f"{node.value[:40]!r} is no {kind}")

    def _allowed(self, node: yaml.Node, path: Path) -> bool:
        self._repeated += id(node) in self._seen
        self._seen.add(id(node))
        if self._depth > _MAX_DEPTH or self._repeated > _MAX_REPEATED:
            if not self._endless:
                self._wrong(path, "its anchors repeat themselves without end", "write it out")
            self._endless = True
        return not self._endless

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merge = f"{_CORE}merge"
        # What is merged comes first, so that own keys and their places win.
        for key, value in sorted(node.value, key=lambda pair: pair[0].tag != merge):
            line = key.start_mark.line + 1
            if key.tag == merge:
                merged = {**self._merged(value, path), **merged}
            elif not isinstance(key, yaml.ScalarNode):
                self._wrong(path, "a key is a list or a mapping", 'put a template in quotes: "{{ … }}"', line)
            elif key.value in own:
                self._wrong((*path, key.value), f"is written twice, first in line {lines[key.value]}",
                            "keep one of them", line)
            else:
                lines[key.value] = line
                own[key.value] = self.value(value, (*path, key.value), line)
        return {**merged, **own}

    def _merged(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        """What `<<` names: one mapping, or a list of them of which the first counts most."""
        merged: dict[str, Any] = {}
        for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if not isinstance(source, yaml.MappingNode):
                self._wrong(path, "`<<` takes a mapping, or a list of them", "", node.start_mark.line + 1)
            elif self._allowed(source, path):
                self._depth += 1
                merged = {**self._mapping(source, path), **merged}
                self._depth -= 1
        return merged

    def _wrong(self, path: Path, problem: str, fix: str = "", line: int | None = None) -> None:
        at = self._document.line(path) if line is None else line
        self._document.findings.append(Finding(self._document.file, at, dotted(path), problem, fix))
        self._document.broken.append(path)
