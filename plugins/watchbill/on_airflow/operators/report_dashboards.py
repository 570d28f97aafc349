"""include/reports -> dashboards drawn from the lake -> Slack, SES and SNS, one mapped task a report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowSkipException

from watchbill.model.failures import WatchbillError
from watchbill.model.windows import utc
from watchbill.on_airflow import declarations
from watchbill.on_airflow.windows import now_utc


class FindReportsOperator(BaseOperator):
    """The reports whose time has come; of a form the one that is chosen, or all of them. Skips itself without any.

    Returns for each its name, the time that it ends at, and what the ledger knows this sending by.
    """

    template_fields: Sequence[str] = ("report",)

    def __init__(self, *, report: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.report = report

    def execute(self, context: Context) -> list[dict[str, str]]:
        from watchbill.flows.send_report import due_reports
        from watchbill.on_airflow.connections import open_ledger

        declared, run = declarations.reports(), context["dag_run"]
        at = utc(run.run_after)
        if str(getattr(run.run_type, "value", run.run_type)) == "scheduled":
            found = due_reports(declared, open_ledger(declarations.settings()), at=at)
            due = [{"report": report.name, "at": when.isoformat(), "key": ""} for report, when in found]
        else:
            names = [one.name for one in declared]
            if self.report and self.report not in names:
                raise WatchbillError(f"there is no report {self.report!r}; there are {', '.join(names) or 'none'}")
            due = [{"report": name, "at": at.isoformat(), "key": str(run.run_id)} for name in names
                   if name == self.report or not self.report]
        if not due:
            raise AirflowSkipException("no report is due")
        return due


class ReportDashboardOperator(BaseOperator):
    """Draws one report's dashboard and sends it to every channel that has not got it; with `draw_only` it only draws.

    Raises TransportError where a channel has it not: one that may yet take it is tried again with the task.
    """

    template_fields: Sequence[str] = ("report", "draw_only")

    def __init__(self, *, report: Mapping[str, str] | Any, draw_only: Any = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.report = report
        self.draw_only = draw_only

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002
        from watchbill.flows.send_report import message_of, send_report
        from watchbill.on_airflow.connections import open_lake, open_ledger
        from watchbill.on_airflow.senders import Sender

        settings = declarations.settings()
        report = _named(declarations.reports(), self.report["report"])
        dashboard = next((one for one in declarations.dashboards() if one.id == report.dashboard), None)
        if dashboard is None:
            raise WatchbillError(f"report {report.name}: there is no dashboard {report.dashboard!r}")
        at = utc(datetime.fromisoformat(self.report["at"]))
        message = message_of(report, dashboard, open_lake(settings), at=at)
        for line in message.values:
            self.log.info("%s", line)
        if self.draw_only:
            self.log.info("Only drawn: the picture has %d bytes, and nobody gets it", len(message.picture.png))
            return {"report": report.name, "at": at.isoformat(), "values": list(message.values)}
        outcome = send_report(report, message, open_ledger(settings), declarations.alerting(), Sender().report, at=at,
                              now=now_utc(), key=self.report["key"])
        outcome.require()
        return outcome.to_json()


def _named(reports: Sequence[Any], name: str) -> Any:
    found = next((one for one in reports if one.name == name), None)
    if found is None:
        raise WatchbillError(f"there is no report {name!r} any more")
    return found
