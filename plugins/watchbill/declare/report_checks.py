"""Reports beside what they name: their dashboards and receivers, and each of them once."""

from collections.abc import Iterator
from pathlib import Path

from watchbill.declare.document import Document
from watchbill.declare.files import REPORTS, close
from watchbill.declare.parts import Located, Parts, listed, read_folder
from watchbill.model.alerting import Alerting
from watchbill.model.dashboards import Dashboard
from watchbill.model.declared import Declared
from watchbill.model.failures import Finding
from watchbill.model.reports import Report


class _ReportsFile(Declared):
    reports: tuple[object, ...] = ()


def read_reports(include: Path) -> Parts[Report]:
    def take(parts: Parts[Report], document: Document) -> None:
        for path, data in listed(parts, _ReportsFile, document, "reports"):
            parts.take(Report, data, document, path)

    return read_folder(include, REPORTS, take)


def check_reports(reports: Parts[Report], dashboards: Parts[Dashboard], alerting: Parts[Alerting]) -> Iterator[Finding]:
    """Where dashboards/ or alerting.yaml is broken, their own findings say enough."""
    ids = [one.value.id for one in dashboards.located]
    broken = any(finding.severity == "error" for finding in dashboards.findings)
    for report in reports.located:
        if report.value.dashboard not in ids and not broken:
            yield _unknown(report, ("dashboard",), "dashboard", report.value.dashboard, ids)
        for routing in alerting.located:
            names = [one.name for one in routing.value.receivers]
            for place, name in enumerate(report.value.receivers):
                if name not in names:
                    yield _unknown(report, ("receivers", place), "receiver", name, names)
                elif not routing.value.channels(name):
                    yield report.finding("receivers", place, problem=f"receiver `{name}` has no channel: nobody would "
                                         "get the report", fix="give it slack_configs, email_configs or sns_configs")
        if not alerting.documents and not alerting.findings:
            yield report.finding("receivers", problem="there is no alerting.yaml that could have them",
                                 fix="write one with `receivers`")


def _unknown(report: Located[Report], path: tuple[str | int, ...], what: str, name: str, known: list[str]) -> Finding:
    near = close(name, known)
    return report.finding(*path, problem=f"there is no {what} `{name}`",
                          fix=f"did you mean `{near}`?" if near else f"known: {', '.join(known) or 'none'}")
