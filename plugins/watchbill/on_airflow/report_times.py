"""When the DAG of reports runs: at the times of its reports, and never where there are none."""


from airflow.sdk import CronTriggerTimetable, MultipleCronTriggerTimetable

from watchbill.model.failures import DeclarationError
from watchbill.model.reports import Report
from watchbill.on_airflow import declarations

LATE_S = 45  # the sixth field of a cron expression is the second


def report_times() -> CronTriggerTimetable | MultipleCronTriggerTimetable | None:
    """Airflow's timetable of several times has one time zone; reports of several are looked for at all their minutes,
    and those that are due are sent. All a little later, when the tick's own tasks have had the machine.
    """
    try:
        reports = declarations.reports()
    except DeclarationError:
        return None
    if not reports:
        return None
    zones = {report.timezone for report in reports}
    if len(zones) == 1:
        crons = sorted({f"{one.schedule} {LATE_S}" for one in reports})
        return MultipleCronTriggerTimetable(*crons, timezone=zones.pop())
    return CronTriggerTimetable(f"{_minutes(reports)} * * * * {LATE_S}", timezone="UTC")


def _minutes(reports: tuple[Report, ...]) -> str:
    """Of an hour in UTC. Half hours between zones are whole quarters, so every quarter of each minute is among them."""
    from croniter import croniter

    found: set[int] = set()
    for report in reports:
        for minute in croniter.expand(report.schedule)[0][0]:
            if minute == "*":
                return "*"
            found |= {(int(minute) + quarter) % 60 for quarter in (0, 15, 30, 45)}
    return ",".join(map(str, sorted(found)))


