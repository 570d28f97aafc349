"""Reads one YAML file: text in; data, the line of every key and value, and findings out.

Scalars are read as YAML 1.2 says, where `no`, `on` and `17:00` are text, so that files written for
Prometheus and Alertmanager mean here what they mean there.
"""

import re
from collections.abc import Callable
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


def read_document(file: str, text: str) -> Document:
    """Never raises: what cannot be read is a finding."""
    document = Document(file)
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
        self._seen: set[int] = set()
        self._repeated = 0
        self._depth = 0
        self._endless = False

    def value(self, node: yaml.Node, path: Path, key_line: int) -> Any:
        scalar = node.value if isinstance(node, yaml.ScalarNode) else None
        line = node.start_mark.line + 1
        first = line + (getattr(node, "style", None) in ("|", ">"))
        self._document.places[path] = Place(key_line, line, scalar, first)
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
