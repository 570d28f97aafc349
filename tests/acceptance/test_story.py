"""The story, run by Airflow: calm, an incident, a recovery. Each channel hears once of its start and once of its end.

Collection, judgement and delivery are the project's own DAGs and declarations, on PostgreSQL, over HTTP; only the
clock is ours, of which five minutes pass from tick to tick.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from sandbox import credentials
from sandbox.server import Sandbox
from sandbox.story import Story
from tests.on_airflow.home import ROOT
from tests.on_airflow.running import Airflow, Run
from tests.on_airflow.shop import assert_holds, open_shop, points
from tests.postgres import postgres_server, postgres_url  # noqa: F401 - fixtures
from watchbill.model.series import SOURCES
from watchbill.model.windows import Window

pytestmark = pytest.mark.server
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TICK = 5 * MINUTE
INCIDENT = Window(START + 10 * MINUTE, START + 20 * MINUTE)
LONG_AGO = Window(START - timedelta(hours=7), START - timedelta(hours=5))  # with an incident of its own, in its middle
ENDS = [START + minutes * MINUTE for minutes in range(10, 40, 5)]  # of the ticks, in order

Told = dict[str, list[str]]


@dataclass
class Theatre:
    """Airflow, the small cloud and the clock that both live by."""

    sandbox: Sandbox
    airflow: Airflow
    story: Story
    clock: "Clock"
    after: dict[datetime, Told] = field(default_factory=dict)  # what had been told when a tick was over

    def tick(self, end: datetime) -> list[Run]:
        """What the scheduler starts when a tick is over, and what that wakes."""
        self.clock.now = end + timedelta(seconds=20)
        runs = []
        for source in SOURCES:
            runs.append(self.airflow.run(f"collect_{source}", end, run_type="scheduled"))
            runs.append(self.airflow.run("evaluate_alerts", woken_by=runs[-1]))
        runs.append(self.airflow.run("evaluate_alerts", end, run_type="scheduled"))
        self.after[end] = self.told()
        return runs

    def told(self) -> Told:
        """What each channel has got, as `firing HighErrorRate checkout`, in order."""
        return {
            "slack": [_short(message.posted) for message in self.sandbox.slack.messages],
            "email": [_short(mail["subject"]) for mail in self.sandbox.aws.mail.all()],
            "sns": [_short("[{status}] {title}".format(**json.loads(note["message"])))
                    for note in self.sandbox.aws.topics.all()],
        }


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> float:
        return self.now.timestamp()


def _short(text: str) -> str:
    status = "resolved" if "[resolved]" in text.lower() else "firing"
    return f"{status} HighErrorRate checkout" if "HighErrorRate" in text and "checkout" in text else text


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Theatre]:  # noqa: F811
    """The story once played, tick by tick."""
    folder, clock, database = tmp_path_factory.mktemp("story"), Clock(), make_url(postgres_url)
    ledger = {"conn_type": "postgres", "host": database.query["host"], "login": database.username,
              "schema": database.database}
    with pytest.MonkeyPatch.context() as patch, Sandbox(clock=clock) as sandbox:
        middle = LONG_AGO.start + LONG_AGO.length / 2
        story = open_shop(sandbox, ENDS[-1], [INCIDENT, Window(middle, middle + INCIDENT.length)])
        airflow = Airflow(patch, folder, Path(shutil.copytree(ROOT / "include", folder / "include")), sandbox, ledger)
        airflow.set_clock(lambda: clock.now)
        played = Theatre(sandbox, airflow, story, clock)
        for end in ENDS:
            runs = played.tick(end)
            assert [(run.dag_id, run.state) for run in runs if run.state != "success"] == []
        yield played


ONCE = ["firing HighErrorRate checkout"]
TWICE = [*ONCE, "resolved HighErrorRate checkout"]


def everywhere(told: list[str]) -> Told:
    return {"slack": told, "email": told, "sns": told}


def test_in_the_calm_nobody_is_told_anything(theatre: Theatre):
    assert theatre.after[INCIDENT.start] == everywhere([])


def test_the_incident_is_told_once_on_every_channel(theatre: Theatre):
    assert theatre.after[INCIDENT.start + TICK] == everywhere(ONCE)
    assert theatre.after[INCIDENT.end] == everywhere(ONCE)


def test_its_end_is_told_once_on_every_channel_and_nothing_after(theatre: Theatre):
    assert theatre.after[INCIDENT.end + TICK] == everywhere(TWICE)
    assert theatre.after[ENDS[-1]] == everywhere(TWICE)


def test_it_goes_where_the_routing_says(theatre: Theatre):
    assert {message.channel for message in theatre.sandbox.slack.messages} == {credentials.SLACK_CHANNELS["alerts"]}
    assert [mail["to"] for mail in theatre.sandbox.aws.mail.all()] == [["oncall@example.com"]] * 2
    assert {note["topic_arn"] for note in theatre.sandbox.aws.topics.all()} == {credentials.SNS_TOPIC_ARN}


@pytest.mark.parametrize("source", SOURCES)
def test_every_point_of_the_story_is_in_the_lake_once(theatre: Theatre, source: Any):
    assert_holds(theatre.airflow.lake, theatre.story, source, Window(ENDS[0] - TICK, ENDS[-1]))


def test_a_second_run_of_the_same_windows_tells_nobody_anything(theatre: Theatre):
    for run in theatre.tick(INCIDENT.start + TICK):
        assert run.state == "success"
    for end in (INCIDENT.end, ENDS[-1]):
        assert theatre.airflow.run("evaluate_alerts", end, run_type="scheduled").state == "success"

    assert theatre.told() == everywhere(TWICE)


def test_a_backfill_over_the_incident_tells_nobody_anything(theatre: Theatre):
    theatre.clock.now = ENDS[-1] + TICK
    for source in SOURCES:
        for end in (INCIDENT.start + TICK, INCIDENT.end):
            run = theatre.airflow.run(f"collect_{source}", end, run_type="backfill")
            assert (run.state, run.asset_events) == ("success", [])
    assert theatre.airflow.run("evaluate_alerts", ENDS[-1] + TICK, run_type="scheduled").state == "success"

    assert theatre.told() == everywhere(TWICE)


@pytest.mark.parametrize("source", SOURCES)
def test_a_backfill_of_an_older_incident_fills_the_lake_exactly_and_tells_nobody(theatre: Theatre, source: Any):
    theatre.clock.now = ENDS[-1] + 2 * TICK

    run = theatre.airflow.run("backfill_metrics", conf={"source": source, **LONG_AGO.to_json()})

    assert run.state == "success"
    assert run.answers["verify_backfill"]["points"] == points(source, LONG_AGO)
    assert_holds(theatre.airflow.lake, theatre.story, source, LONG_AGO)
    assert theatre.airflow.run("evaluate_alerts", ENDS[-1] + TICK, run_type="scheduled").state == "success"
    assert theatre.told() == everywhere(TWICE)
