"""Templates and repetitions of dashboards are written out: a document goes in, one without them comes out.

What stands in the new document still knows its file and line, in a template or in the dashboard itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from watchbill.declare.document import Document, Path, Place
from watchbill.declare.explain import validated
from watchbill.declare.files import close
from watchbill.declare.parts import Located
from watchbill.model.dashboards.templates import DashboardTemplate, Use
from watchbill.model.failures import Finding

_MOST = 500  # widgets of a dashboard, as both clouds have it
_DEEPEST = 8
_LISTS = ("widgets", "metrics")
_TEXT = re.compile(r"(\$?)\$\{([a-z_][a-z0-9_]*)\}")

Templates = Mapping[str, Located[DashboardTemplate]]


def expanded(document: Document, templates: Templates) -> Document:
    """The same one where it uses neither."""
    if not _uses(document.data):
        return document
    return _Expansion(document, templates).whole()


def _uses(data: Any) -> bool:
    for key in _LISTS:
        items = data.get(key) if isinstance(data, dict) else None
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and ("template" in item or "for_each" in item or _uses(item)):
                return True
    return False


@dataclass(frozen=True)
class _Argument:
    value: Any
    place: Place  # where it was given
    file: str


@dataclass(frozen=True)
class _Source:
    """What is being copied: from which document, with which arguments, used where."""

    document: Document
    scope: Mapping[str, _Argument] = field(default_factory=dict)
    used: str = ""  # dashboards/shop.yaml:12
    depth: int = 0


class _Expansion:
    def __init__(self, document: Document, templates: Templates) -> None:
        self._document = document
        self._templates = templates
        self._places: dict[Path, Place] = {}
        self._findings: list[Finding] = []
        self._made = 0

    def whole(self) -> Document:
        data = self._copied(_Source(self._document), (), self._document.data, ())
        broken = [*self._document.broken, *([()] if self._findings else [])]
        return Document(self._document.file, data, [*self._document.findings, *self._findings], broken,
                        look_up=lambda: self._places)

    def _copied(self, source: _Source, path: Path, data: Any, target: Path) -> Any:
        """The data that stands at `path` of the source, written out to stand at `target`."""
        place = source.document.places.get(path)
        if place is not None:
            self._places[target] = replace(place, file=source.document.file, used=source.used)
        if isinstance(data, dict):
            return {key: self._list(source, (*path, key), value, (*target, key))
                    if key in _LISTS and isinstance(value, list)
                    else self._copied(source, (*path, key), value, (*target, key)) for key, value in data.items()}
        if isinstance(data, list):
            return [self._copied(source, (*path, at), item, (*target, at)) for at, item in enumerate(data)]
        return self._filled(source, path, data, target) if isinstance(data, str) and source.scope else data

    def _list(self, source: _Source, path: Path, items: list[Any], target: Path) -> list[Any]:
        if place := source.document.places.get(path):
            self._places[target] = replace(place, file=source.document.file, used=source.used)
        made: list[Any] = []
        for at, item in enumerate(items):
            self._item(source, (*path, at), item, target, made)
        return made

    def _item(self, source: _Source, path: Path, item: Any, target: Path, made: list[Any]) -> None:
        """Appends to `made` whatever it stands for."""
        if not isinstance(item, dict) or not ("template" in item or "for_each" in item):
            self._append(source, path, item, target, made)
            return
        rest = {key: value for key, value in item.items() if key != "for_each"}
        for scope in self._scopes(source, path, item):
            inner = replace(source, scope=scope)
            if "template" not in item:
                self._append(inner, path, rest, target, made)
            elif target[-1] != "widgets":
                self._wrong(source, (*path, "template"), "stands for widgets", "write it in a list of widgets")
            else:
                self._use(inner, path, rest, target, made, item.get("for_each") or {})

    def _append(self, source: _Source, path: Path, item: Any, target: Path, made: list[Any]) -> None:
        self._made += 1
        if self._made > _MOST * 10:
            if self._made == _MOST * 10 + 1:
                self._wrong(source, path, f"makes more than {_MOST * 10} widgets and lines", "repeat less")
            return
        made.append(self._copied(source, path, item, (*target, len(made))))

    def _scopes(self, source: _Source, path: Path, item: dict[str, Any]) -> Iterator[Mapping[str, _Argument]]:
        """One for each combination of the values, the last name turning fastest."""
        if "for_each" not in item:
            yield source.scope
            return
        named = item["for_each"]
        at = (*path, "for_each")
        if not isinstance(named, dict) or not named or not all(
                isinstance(values, list) and values for values in named.values()):
            self._wrong(source, at, "names no values to repeat for", "write it as {service: [checkout, search]}")
            return
        file, places = source.document.file, source.document.places
        listed = [[(name, _Argument(self._plain(source, value), places.get((*at, name, row), Place(0, 0, None)), file))
                   for row, value in enumerate(values)] for name, values in named.items()]
        for combination in product(*listed):
            yield {**source.scope, **dict(combination)}

    def _plain(self, source: _Source, value: Any) -> Any:
        """A value that may itself name an argument."""
        return self._text(source, value) if isinstance(value, str) else value

    def _use(self, source: _Source, path: Path, item: dict[str, Any], target: Path, made: list[Any],
             repeated: Mapping[str, Any]) -> None:
        given = validated(Use, item, source.document, path)
        if isinstance(given, list):
            self._findings += given
            return
        template = self._templates.get(given.template)
        if template is None:
            near = close(given.template, self._templates)
            known = f"there are {', '.join(sorted(self._templates))}" if self._templates else "there is none"
            self._wrong(source, (*path, "template"), f"there is no template `{given.template}`",
                        f"did you mean `{near}`?" if near else known)
        elif source.depth >= _DEEPEST:
            self._wrong(source, (*path, "template"), "uses itself", "let it end")
        else:
            scope = self._arguments(source, path, given, template, repeated)
            used = source.used or f"{source.document.file}:{source.document.line(path)}"
            inner = _Source(template.document, scope, used, source.depth + 1)
            for at, widget in enumerate(template.value.widgets):
                self._item(inner, (*template.path, "widgets", at), widget, target, made)

    def _arguments(self, source: _Source, path: Path, use: Use, template: Located[DashboardTemplate],
                   repeated: Mapping[str, Any]) -> Mapping[str, _Argument]:
        places, file, known = source.document.places, source.document.file, template.value.parameters
        scope = {name: self._default(template, name, value) for name, value in known.items()
                 if value is not None}
        scope |= {name: source.scope[name] for name in repeated if name in known}
        for name, value in use.with_.items():
            if name not in known:
                near = close(name, known)
                self._wrong(source, (*path, "with", name), f"template `{use.template}` has no parameter {name}",
                            f"did you mean `{near}`?" if near else f"it has {', '.join(known) or 'none'}")
            scope[name] = _Argument(self._plain(source, value), places.get((*path, "with", name), Place(0, 0, None)),
                                    file)
        for name in known:
            if name not in scope:
                self._wrong(source, (*path, "template"), f"template `{use.template}` needs {name}",
                            f"add `with: {{{name}: …}}`")
        return scope

    def _default(self, template: Located[DashboardTemplate], name: str, value: Any) -> _Argument:
        place = template.document.place((*template.path, "parameters", name))
        return _Argument(value, place, template.document.file)

    def _filled(self, source: _Source, path: Path, text: str, target: Path) -> Any:
        """Of a text that is one argument and nothing else the argument itself, and its place."""
        alone = _TEXT.fullmatch(text)
        if alone and not alone[1] and (argument := source.scope.get(alone[2])) is not None:
            if argument.file:
                self._places[target] = replace(argument.place, file=argument.file, is_argument=True)
            return argument.value
        return self._text(source, text, path)

    def _text(self, source: _Source, text: str, path: Path = ()) -> str:
        def fill(found: re.Match[str]) -> str:
            if found[1]:
                return found[0][1:]  # $${service} is ${service}
            if found[2] in source.scope:
                value = source.scope[found[2]].value
                return str(value).lower() if isinstance(value, bool) else str(value)
            if path and source.scope:
                near = close(found[2], source.scope)
                self._wrong(source, path, f"there is no parameter {found[2]}", f"did you mean ${{{near}}}?" if near else
                            f"it has {', '.join(source.scope)}; write $${{{found[2]}}} for the text itself")
            return found[0]

        return _TEXT.sub(fill, text)

    def _wrong(self, source: _Source, path: Path, problem: str, fix: str) -> None:
        used = f", as used in {source.used}" if source.used else ""
        self._findings.append(source.document.finding(path, problem + used, fix))


def named(parts: Sequence[tuple[str, Located[DashboardTemplate]]]) -> tuple[Templates, list[Finding]]:
    """By name, and a finding for each name that is there twice."""
    known: dict[str, Located[DashboardTemplate]] = {}
    findings = []
    for name, one in parts:
        first = known.setdefault(name, one)
        if first is not one:
            at = f"{first.document.file}:{first.document.line(first.path)}"
            findings.append(one.finding(problem=f"template `{name}` is there twice",
                                        fix=f"the first is {at}: rename or remove one"))
    return known, findings
