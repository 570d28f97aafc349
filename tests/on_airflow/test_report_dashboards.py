"""The DAG of reports: at its times, by its form, once for each channel however often a task runs."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.on_airflow.running import Airflow
from watchbill.model.windows import floor_time

pytestmark = pytest.mark.server
AT = floor_time(datetime.now(UTC), 3600)
LATE = timedelta(seconds=45)
REPORTS = """
reports:
  - {name: hourly, dashboard: service-overview, schedule: 0 * * * *, receivers: on-call, width: 400}
  - {name: other, dashboard: machine, schedule: 30 3 1 1 *, receivers: default, width: 400}
"""


@pytest.fixture
def reports(airflow: Airflow) -> Airflow:
    (airflow.include / "reports").mkdir(exist_ok=True)
    (airflow.include / "reports/shop.yaml").write_text(REPORTS)
    return airflow


def posted(sandbox: Sandbox) -> tuple[int, int, int]:
    return len(sandbox.slack.messages), len(sandbox.aws.mail.all()), len(sandbox.aws.topics.all())


def test_what_is_due_goes_out_once_however_often_the_run_is_made(reports: Airflow, sandbox: Sandbox):
    for state in ("success", "skipped"):
        run = reports.run("report_dashboards", AT, run_type="scheduled", run_after=AT + LATE)
        assert run.tasks["find_reports"] == state
    assert posted(sandbox) == (1, 1, 1)
    [mail] = sandbox.aws.mail.all()
    assert mail["subject"] == "Shop - service overview"


def test_a_channel_that_is_away_is_tried_again_and_no_other_gets_it_twice(reports: Airflow, sandbox: Sandbox):
    sandbox.faults.add(Fault("ses", "SendEmail", status=503))
    run = reports.run("report_dashboards", AT, run_type="scheduled", run_after=AT + LATE)
    assert run.state == "success"
    assert posted(sandbox) == (1, 1, 1)


def test_the_form_sends_one_now_or_only_draws_it(reports: Airflow, sandbox: Sandbox):
    dry = reports.run("report_dashboards", conf={"report": "hourly", "dry_run": True})
    assert (dry.state, posted(sandbox)) == ("success", (0, 0, 0))
    run = reports.run("report_dashboards", AT + timedelta(minutes=7), conf={"report": "other"},
                      run_after=AT + timedelta(minutes=7))
    assert (run.state, posted(sandbox)) == ("success", (1, 0, 0))


def test_a_report_that_is_not_there_is_told(reports: Airflow, sandbox: Sandbox):
    run = reports.run("report_dashboards", conf={"report": "daily"})
    assert "there is no report 'daily'; there are hourly, other" in run.error("find_reports")


def test_reports_of_several_zones_are_looked_for_at_all_their_minutes(reports: Airflow):
    from watchbill.on_airflow.report_times import report_times

    assert "30 3 1 1 * 45" in repr(report_times())
    (reports.include / "reports/more.yaml").write_text(
        "reports: [{name: far, dashboard: machine, schedule: 10 9 * * *, timezone: Asia/Kolkata, receivers: x}]\n")
    assert "0,10,15,25,30,40,45,55 * * * * 45" in repr(report_times())
    for file in (reports.include / "reports").iterdir():
        file.unlink()
    assert report_times() is None
