"""Files of dashboards/: documents in; dashboards that know where every part of them stands out, templates written out.
"""

from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any

from watchbill.declare.dashboard_templates import Templates, expanded, named
from watchbill.declare.document import Document
from watchbill.declare.explain import validated
from watchbill.declare.files import DASHBOARDS, TEMPLATES
from watchbill.declare.parts import Parts, read_file, read_folder
from watchbill.model.dashboards import Dashboard
from watchbill.model.dashboards.templates import DashboardTemplate
from watchbill.model.declared import Declared
from watchbill.model.failures import Finding


class _TemplatesFile(Declared):
    templates: dict[str, Any]


def read_dashboards(include: FilePath) -> Parts[Dashboard]:
    templates, findings = read_templates(include)
    parts: Parts[Dashboard] = read_folder(include, DASHBOARDS, _taking(templates))
    parts.findings[:0] = findings
    return parts


def read_dashboard_file(include: FilePath, file: FilePath) -> Parts[Dashboard]:
    """One file, wherever it lies, with the templates of the include folder."""
    return read_file(file, _taking(read_templates(include)[0]))


def read_templates(include: FilePath) -> tuple[Templates, list[Finding]]:
    """Of dashboards/templates/, by name."""
    def take(parts: Parts[DashboardTemplate], document: Document) -> None:
        whole = validated(_TemplatesFile, document.data, document)
        if isinstance(whole, list):
            parts.findings += whole
            return
        for name, data in whole.templates.items():
            parts.take(DashboardTemplate, data, document, ("templates", name))

    parts: Parts[DashboardTemplate] = read_folder(include, TEMPLATES, take)
    templates, doubles = named([(str(one.path[-1]), one) for one in parts.located])
    return templates, parts.findings + doubles


def _taking(templates: Templates) -> Callable[[Parts[Dashboard], Document], None]:
    def take(parts: Parts[Dashboard], document: Document) -> None:
        whole = expanded(document, templates)
        parts.findings += whole.findings[len(document.findings):]
        parts.take(Dashboard, whole.data, whole)

    return take
