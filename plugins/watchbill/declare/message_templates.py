"""Templates of messages, tried before they are needed at night: alerting.yaml and its files in, findings out.

A template that is wrong costs a message its form and never its content, so it is an error for `check` and
no reason for a run to stop.
"""

from collections.abc import Iterator
from glob import glob
from pathlib import Path

from watchbill.declare.document import Document
from watchbill.declare.files import read_text
from watchbill.declare.parts import Located, Parts
from watchbill.model.alerting import Alerting
from watchbill.model.failures import Finding
from watchbill.model.templates.go_lexer import TemplateError
from watchbill.model.templates.reading import Library, as_jinja, defined_problems


def with_templates(include: Path, parts: Parts[Alerting]) -> tuple[Parts[Alerting], list[Finding]]:
    """The same parts with what their template files define, and what is wrong with all those templates."""
    findings, located = list[Finding](), list[Located[Alerting]]()
    for one in parts.located:
        library, texts = Library(), dict[str, str]()
        for place, pattern in enumerate(one.value.templates):
            library = _read(include, pattern, library, one.document, place, findings, texts)
        for name, text in texts.items():
            findings += (Finding(name, error.line, "", error.problem, error.fix)
                         for error in defined_problems(text, library))
        findings += _wrong(one.value, one.document, library)
        located.append(Located(one.value.with_library(library), one.document, one.path))
    return Parts(located, parts.findings, parts.documents), findings


def _read(
    include: Path, pattern: str, library: Library, document: Document, place: int, findings: list[Finding],
    texts: dict[str, str],
) -> Library:
    files = sorted(map(Path, glob(str(include / pattern), recursive=True)))  # noqa: PTH207 - takes absolute ones too
    if not files:
        findings.append(document.finding(("templates", place), f"there is no file {pattern}",
                                         "paths are relative to the include folder", severity="warning"))
    for file in files:
        name = file.relative_to(include).as_posix() if file.is_relative_to(include) else file.as_posix()
        text = read_text(include, file)
        if isinstance(text, Finding):
            findings.append(text)
            continue
        try:
            library, texts[name] = library.with_file(text), text
        except TemplateError as error:
            findings.append(Finding(name, error.line, "", error.problem, error.fix))
    return library


def _wrong(alerting: Alerting, document: Document, library: Library) -> Iterator[Finding]:
    for at, text in alerting.texts():
        path = tuple("from" if part == "from_" else part for part in at)
        try:
            as_jinja(text, library)
        except TemplateError as error:
            found = document.finding(path, error.problem, error.fix)
            first = document.place(path).first
            line = first + error.line - 1 if first and error.line else found.line
            yield Finding(found.file, line, found.field, found.problem, found.fix)
