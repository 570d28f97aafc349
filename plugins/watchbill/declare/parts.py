"""Models of what each file declares: documents in, models that know where they stand out.

Whatever is broken is left out with its findings, and never takes its neighbours with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from watchbill.declare.document import Document, Path, as_written
from watchbill.declare.environment import overridden
from watchbill.declare.explain import validated
from watchbill.declare.files import ALERTING, METRICS, SETTINGS, read_text, yaml_files
from watchbill.declare.reader import read_document
from watchbill.model.alerting import Alerting
from watchbill.model.declared import Declared
from watchbill.model.failures import Finding
from watchbill.model.metrics import MetricEntry
from watchbill.model.settings import Settings

Model = TypeVar("Model", bound=BaseModel)


class _MetricsFile(Declared):
    metrics: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Located(Generic[Model]):
    """A model and where it stands."""

    value: Model
    document: Document
    path: Path = ()

    def finding(self, *inner: str | int, problem: str, fix: str = "", warning: bool = False) -> Finding:
        path = (*self.path, *inner)
        if isinstance(path[-1], int) and path not in self.document.places:
            path = path[:-1]  # a list of one, written without its dash
        return self.document.finding(path, problem, fix, severity="warning" if warning else "error")


@dataclass
class Parts(Generic[Model]):
    """What the files of one kind declare."""

    located: list[Located[Model]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)

    def take(self, model: type[Model], data: Any, document: Document, path: Path = ()) -> None:
        made = validated(model, data, document, path)
        if isinstance(made, list):
            self.findings += made
        elif not document.is_broken(path):
            self.located.append(Located(made, document, path))

    def add_file(self, include: FilePath, file: FilePath) -> Document | None:
        """The file's document, or None where it holds nothing to read."""
        text = read_text(include, file)
        if isinstance(text, Finding):
            self.findings.append(text)
            return None
        document = read_document(file.relative_to(include).as_posix(), text)
        self.documents.append(document)
        self.findings += document.findings
        return None if document.data is None else document


def read_settings(include: FilePath, environ: Mapping[str, str]) -> Parts[Settings]:
    """All of it has a default, so the file may be absent."""
    parts: Parts[Settings] = Parts()
    file = include / SETTINGS
    document = parts.add_file(include, file) if file.is_file() else Document(SETTINGS, {})
    if document and isinstance(document.data, dict):
        document = overridden(document, environ)
    if document:
        parts.take(Settings, document.data, document)
    return parts


def read_metrics(include: FilePath) -> Parts[MetricEntry]:
    def take(parts: Parts[MetricEntry], document: Document) -> None:
        for path, data in listed(parts, _MetricsFile, document, "metrics"):
            parts.take(MetricEntry, data, document, path)

    return read_folder(include, METRICS, take)


def read_alerting(include: FilePath) -> Parts[Alerting]:
    parts: Parts[Alerting] = Parts()
    file = include / ALERTING
    document = parts.add_file(include, file) if file.is_file() else None
    if document:
        parts.take(Alerting, as_written(document), document)
    return parts


def read_folder(
    include: FilePath, folder: str, take: Callable[[Parts[Model], Document], None],
) -> Parts[Model]:
    parts: Parts[Model] = Parts()
    for file in yaml_files(include, folder):
        document = parts.add_file(include, file)
        if document:
            take(parts, document)
    return parts


def read_file(file: FilePath, take: Callable[[Parts[Model], Document], None]) -> Parts[Model]:
    """One file, wherever it lies."""
    parts: Parts[Model] = Parts()
    document = parts.add_file(file.parent, file)
    if document:
        take(parts, document)
    return parts


def listed(
    parts: Parts[Any], shape: type[BaseModel], document: Document, key: str,
) -> list[tuple[Path, Any]]:
    """Each item of a file's one list; what else is in the file is a finding."""
    whole = validated(shape, document.data, document)
    parts.findings += whole if isinstance(whole, list) else []
    return items(document.data, key, ())


def items(data: Any, key: str, path: Path) -> list[tuple[Path, Any]]:
    """Each item of the list below `key`, with its path; none where there is no list."""
    found = data.get(key) if isinstance(data, dict) else None
    return [((*path, key, place), item) for place, item in enumerate(found if isinstance(found, list) else [])]
