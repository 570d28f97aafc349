"""Which window a run is about, whether it is live, and up to when each source may be judged."""

from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest
from airflow.sdk.api.datamodels._generated import AssetEventDagRunReference
from airflow.sdk.execution_time.context import TriggeringAssetEventsAccessor

from watchbill.model.failures import WatchbillError
from watchbill.model.windows import Window
from watchbill.on_airflow.assets import COLLECTED
from watchbill.on_airflow.operators.evaluate_rules import moments
from watchbill.on_airflow.windows import is_backfill, is_live, run_window

TICK = timedelta(minutes=5)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LAST = Window(NOON - TICK, NOON)


class RunType(Enum):
    SCHEDULED = "scheduled"
    BACKFILL = "backfill_job"


def context(run_type: Any = "scheduled", **given: Any) -> Any:
    return {"dag_run": SimpleNamespace(run_type=run_type), "run_id": "manual__x", **given}


def event(source: str, end: datetime) -> Any:
    """As Airflow hands it to a task."""
    asset = COLLECTED[source]
    return AssetEventDagRunReference.model_construct(
        asset=SimpleNamespace(name=asset.name, uri=asset.uri), source_aliases=[],
        extra=Window(end - TICK, end).to_json())


def woken_by(*events: Any) -> Any:
    return context("asset_triggered", triggering_asset_events=TriggeringAssetEventsAccessor.build(events))


@pytest.mark.parametrize(("start", "end", "window"), [
    ("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z", Window(NOON - timedelta(hours=2), NOON - timedelta(hours=1))),
    ("2026-03-02T10:00:00+01:00", "2026-03-02 10:00", Window(NOON - timedelta(hours=3), NOON - timedelta(hours=2))),
    ("2026-03-01", "2026-03-02", Window(NOON - timedelta(hours=36), NOON - timedelta(hours=12))),
    (pendulum.datetime(2026, 3, 2, 11), NOON, Window(NOON - timedelta(hours=1), NOON)),
    (datetime(2026, 3, 2, 11, tzinfo=timezone(timedelta(hours=-1))), "2026-03-02T13:00:00Z",
     Window(NOON, NOON + timedelta(hours=1))),
])
def test_the_forms_window_is_taken_in_utc(start, end, window):
    interval = {"data_interval_start": NOON, "data_interval_end": NOON + TICK}
    assert run_window(context(**interval), start, end, TICK, NOON) == window


@pytest.mark.parametrize(("start", "end", "says"), [
    ("2026-03-02T10:00:00Z", "", "give both `start` and `end`, or neither for the usual window"),
    (None, "2026-03-02T10:00:00Z", "give both `start` and `end`, or neither for the usual window"),
    ("soon", "2026-03-02", "`start` is 'soon': write a time such as 2026-01-31T12:00:00Z"),
    ("2026-03-02", "P1D", "`end` is 'P1D': write a time such as 2026-01-31T12:00:00Z"),
    ("2026-03-02", "2026-03-01", "the end 2026-03-01T00:00:00Z does not come after the start 2026-03-02T00:00:00Z"),
    ("2026-03-02", "2026-03-02", "the end 2026-03-02T00:00:00Z does not come after the start 2026-03-02T00:00:00Z"),
])
def test_a_window_that_is_none_is_refused(start, end, says):
    with pytest.raises(WatchbillError) as told:
        run_window(context(), start, end, TICK, NOON)
    assert str(told.value) == says


def test_without_a_form_the_runs_interval_is_taken_as_plain_utc():
    interval = {"data_interval_start": pendulum.datetime(2026, 3, 2, 12, 55, tz="Europe/Berlin"),
                "data_interval_end": pendulum.datetime(2026, 3, 2, 13, 0, tz="Europe/Berlin")}
    window = run_window(context(**interval), None, "", TICK, NOON)
    assert window == LAST
    assert (type(window.start), window.start.tzinfo) == (datetime, UTC)


def test_without_either_it_is_the_last_whole_tick():
    assert run_window(context(), "", "", TICK, NOON + timedelta(seconds=299)) == LAST


@pytest.mark.parametrize(("window", "run_type", "late", "live"), [
    (LAST, "scheduled", timedelta(0), True),
    (LAST, "manual", timedelta(0), True),  # by hand with an empty form, or a tick cleared at once
    (LAST, RunType.SCHEDULED, 3 * TICK, True),
    (LAST, "scheduled", 3 * TICK + timedelta(seconds=1), False),
    (LAST, "backfill", timedelta(0), False),
    (Window(NOON - timedelta(hours=1), NOON), "manual", timedelta(0), False),  # an hour is no tick
    (Window(NOON - TICK - timedelta(minutes=1), NOON - timedelta(minutes=1)), "manual", timedelta(0), False),
    (Window(NOON, NOON), "scheduled", timedelta(0), False),
])
def test_live_is_a_whole_tick_that_has_just_ended_and_no_backfills(window, run_type, late, live):
    assert is_live(context(run_type), window, TICK, NOON + late) is live


def test_a_backfill_is_known_by_its_type_or_where_there_is_only_an_id_by_that():
    assert is_backfill(context("backfill"))
    assert not is_backfill(context("scheduled", run_id="backfill__by_name_only"))
    assert is_backfill({"run_id": "backfill__2026-03-02T12:00:00+00:00"})
    assert not is_backfill({"run_id": "scheduled__2026-03-02T12:00:00+00:00"})


def test_a_collections_event_has_its_source_judged_up_to_the_windows_end():
    assert moments(woken_by(event("datadog", NOON)), TICK, NOON) == {"datadog": NOON}


def test_of_several_events_the_newest_counts_for_each_source():
    events = [event("cloudwatch", NOON), event("datadog", NOON - TICK), event("cloudwatch", NOON - TICK)]
    assert moments(woken_by(*events), TICK, NOON) == {"cloudwatch": NOON, "datadog": NOON - TICK}


def test_the_tick_judges_every_source_one_tick_behind():
    behind = {"cloudwatch": NOON - TICK, "datadog": NOON - TICK}
    assert moments(woken_by(), TICK, NOON + timedelta(seconds=20)) == behind
    assert moments(context(data_interval_end=pendulum.instance(NOON)), TICK, NOON + TICK) == behind
    assert moments(context(data_interval_end=None), TICK, NOON + timedelta(seconds=20)) == behind
