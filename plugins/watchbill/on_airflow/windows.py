"""Which window a run is about, and whether anybody should hear of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum
from airflow.sdk import Context

from watchbill.model.failures import WatchbillError
from watchbill.model.windows import Window, floor_time, parse_duration, utc

BACKFILL = "backfill"
LIVE_FOR_TICKS = 3
"""A window that ended longer ago than so many ticks is history: caught up or cleared, never paged for."""


def now_utc() -> datetime:
    """The wall clock; everything below takes it as an argument."""
    return datetime.now(UTC)


def run_window(context: Context, start: Any, end: Any, tick: timedelta, now: datetime) -> Window:
    """The form's window; else the run's data interval; else the last whole tick. Raises WatchbillError."""
    if start and end:
        first, last = moment("start", start), moment("end", end)
        if last <= first:
            raise WatchbillError(f"the end {last:%Y-%m-%dT%H:%M:%SZ} does not come after the start "
                                 f"{first:%Y-%m-%dT%H:%M:%SZ}")
        return Window(first, last)
    if start or end:
        raise WatchbillError("give both `start` and `end`, or neither for the usual window")
    interval_start, interval_end = context.get("data_interval_start"), context.get("data_interval_end")
    if interval_start and interval_end:
        return Window(utc(interval_start), utc(interval_end))
    last = floor_time(now, int(tick.total_seconds()))
    return Window(last - tick, last)


def moment(name: str, text: Any) -> datetime:
    """ISO 8601; without a time zone it is UTC, as everywhere in Airflow, and a day begins at midnight."""
    try:
        found = pendulum.parse(str(text), exact=True)
    except ValueError:
        found = None
    if isinstance(found, pendulum.Date) and not isinstance(found, pendulum.DateTime):
        found = pendulum.datetime(found.year, found.month, found.day)
    if not isinstance(found, pendulum.DateTime):
        raise WatchbillError(f"`{name}` is {text!r}: write a time such as 2026-01-31T12:00:00Z")
    return utc(found)


def span(name: str, text: Any) -> timedelta:
    """In Prometheus' notation. Raises WatchbillError."""
    try:
        return parse_duration(str(text))
    except ValueError as error:
        raise WatchbillError(f"{name}: {error}") from None


def is_live(context: Context, window: Window, tick: timedelta, now: datetime) -> bool:
    """Whether the window is a whole tick that has just ended, whatever Airflow calls the run; never a backfill's."""
    if is_backfill(context):
        return False
    is_tick = window.length == tick and window == window.aligned(int(tick.total_seconds()))
    return is_tick and now - window.end <= LIVE_FOR_TICKS * tick


def is_backfill(context: Context) -> bool:
    """Whether Airflow's Backfill made the run; a DAG's callback may know no more of it than its id."""
    run = context.get("dag_run")
    if run is None:
        return str(context["run_id"]).startswith(f"{BACKFILL}__")
    return str(getattr(run.run_type, "value", run.run_type)) == BACKFILL
