"""Between two ticks: as often as the tick, half a tick later, whatever the tick is."""

from datetime import timedelta

import pendulum
import pytest
from airflow.timetables.base import TimeRestriction
from airflow.timetables.trigger import CronTriggerTimetable

from watchbill.on_airflow import declarations
from watchbill.on_airflow.schedule import between_ticks, cron


@pytest.mark.parametrize(("tick", "after"), [
    ("1m", 30), ("2m", 60), ("5m", 150), ("15m", 450), ("30m", 900), ("1h", 1800), ("2h", 3600), ("3h", 5400),
    ("12h", 21_600), ("1d", 43_200)])
def test_it_comes_half_a_tick_after_each(monkeypatch: pytest.MonkeyPatch, tick: str, after: int):
    monkeypatch.setenv("WATCHBILL__TICK", tick)
    span = declarations.settings().tick
    timetable = CronTriggerTimetable(between_ticks().expression, timezone="UTC")

    start, found = pendulum.datetime(2026, 3, 2), []
    info = None
    for _ in range(4):
        info = timetable.next_dagrun_info(last_automated_data_interval=info.data_interval if info else None,
                                          restriction=TimeRestriction(start, None, True))
        found.append(info.run_after)
    assert found == [start + timedelta(seconds=after) + number * span for number in range(4)]
    assert len(cron(span).split()) == 5
