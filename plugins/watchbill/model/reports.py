"""A dashboard that is drawn and sent at its times: what include/reports/ declares, and the message that goes out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from watchbill.model.alerts import Picture
from watchbill.model.clouds import listed, some
from watchbill.model.declared import Declared, Duration


class Report(Declared):
    """`receivers`: of alerting.yaml; each of their channels has it. The time shown ends when the report is due."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    dashboard: str = Field(min_length=1)  # its id
    schedule: str  # cron, five fields
    timezone: str = "UTC"  # of the schedule and of the times in the picture
    receivers: Annotated[tuple[str, ...], BeforeValidator(listed), AfterValidator(some)]
    title: str = Field("", max_length=200)  # the dashboard's, where empty
    start: Duration | None = None  # how long a time it shows; the dashboard's, where absent
    width: int = Field(1600, ge=400, le=4000)  # pixels

    @field_validator("schedule")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        from croniter import croniter  # only where a report is declared

        if len(value.split()) == 5 and croniter.is_valid(value):
            return value
        raise ValueError(f"{value!r} is no cron expression; write five fields, for example `0 8 * * mon`")

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{value!r} is no time zone; write for example Europe/Berlin or UTC") from None
        return value

    def last_due(self, at: datetime) -> datetime:
        """The newest of its times at or before `at`."""
        from croniter import croniter

        local = (at + timedelta(seconds=1)).astimezone(ZoneInfo(self.timezone))
        found: datetime = croniter(self.schedule, local).get_prev(datetime)
        return found.astimezone(UTC)


@dataclass(frozen=True)
class ReportMessage:
    """One report on its way to one channel, in plain values."""

    id: str  # of the report and its time: the same on every try
    title: str
    period: str  # `2026-03-01 08:00 to 2026-03-02 08:00 Europe/Berlin`
    values: tuple[str, ...]  # the newest, a line for each widget
    picture: Picture
    base_url: str = ""  # Airflow's
