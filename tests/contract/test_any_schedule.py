"""Any window collected twice, in parallel, half and then whole, in any order, by runs killed at any line, leaves the
same lake: nothing lost, nothing twice.

Schedules of every kind of run, beside faults of the clouds, deaths, damage and a past that changes, are followed
against the sandbox. After each step nothing is lost, nothing is there that the source never said, and what is called
whole is; once every window was read again, the lake is what the source holds. `make soak` follows many more of them.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import fs

from sandbox.credentials import AWS_ACCESS_KEY_ID, AWS_REGION, AWS_SECRET_ACCESS_KEY, S3_BUCKET
from sandbox.server import Sandbox
from tests.contract.schedules.cloud import KINDS, Cloud, Manner, Source
from tests.contract.schedules.place import Place
from tests.contract.schedules.steps import Change, Pass, Run, Runs, Step, schedules
from tests.contract.schedules.world import World
from tests.sandbox_fixtures import aws_client, datadog_client

EXAMPLES = int(os.environ.get("WATCHBILL_EXAMPLES", "20"))
AT_ONCE = 3
AN_HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def clock() -> dict[str, Cloud]:
    """Whose time it is in the sandbox."""
    return {}


@pytest.fixture(scope="module")
def sandbox(clock: dict[str, Cloud]) -> Iterator[Sandbox]:
    with Sandbox(clock=lambda: clock["now"]()) as running:
        yield running


@pytest.fixture(scope="module")
def clients(sandbox: Sandbox) -> dict[Source, list[Any]]:
    return {"cloudwatch": [aws_client(sandbox, "cloudwatch") for _ in range(AT_ONCE)],
            "datadog": [datadog_client(sandbox) for _ in range(AT_ONCE)]}


def follow(source: Source, sandbox: Sandbox, clock: dict[str, Cloud], clients: dict[Source, list[Any]], seed: int,
           steps: list[Step], healing: tuple[str, int], manner: Manner = "named", where: str = "disk") -> None:
    sandbox.faults.reset()
    cloud = clock["now"] = Cloud(source, sandbox, seed)
    cloud.wait(AN_HOUR)
    with TemporaryDirectory() as folder:
        place = Place(fs.LocalFileSystem, f"{folder}/lake") if where == "disk" else bucket(sandbox)
        world = World(cloud, place, manner, clients[source])
        world.follow(steps)
        world.heal(*healing)


def bucket(sandbox: Sandbox) -> Place:
    """A new corner of it."""
    def opened() -> fs.FileSystem:
        return fs.S3FileSystem(access_key=AWS_ACCESS_KEY_ID, secret_key=AWS_SECRET_ACCESS_KEY, region=AWS_REGION,
                               scheme="http", endpoint_override=sandbox.aws_url.removeprefix("http://"),
                               allow_delayed_open=True)

    return Place(opened, f"{S3_BUCKET}/{uuid4().hex}")


seeds = st.integers(0, 3)
manners = st.sampled_from(["named", "wild"])
places = st.sampled_from(["disk"] * 7 + ["bucket"])
healings = st.tuples(st.sampled_from(["hand", "again"]), st.sampled_from([12, 36, 72]))
many = settings(max_examples=EXAMPLES, deadline=None, derandomize="WATCHBILL_EXAMPLES" not in os.environ,
                print_blob=True, suppress_health_check=list(HealthCheck))


def test_a_compaction_that_dies_at_any_call_is_made_up_for(sandbox, clock, clients) -> None:
    for last_call in range(6, 60, 3):
        collected = [Runs((Run("hand", 0, 6),)), Runs((Run("hand", 3, 9),)), Pass(2880)]
        dying = [Runs((Run("tend", last_call=last_call),)), Runs((Run("tend"),))]
        follow("cloudwatch", sandbox, clock, clients, 0, collected + dying, ("hand", 72))


def test_what_a_run_by_hand_corrected_and_the_source_took_back_is_seen_by_the_next_tick(
        sandbox, clock, clients) -> None:
    checkout, tick, part = KINDS[0], Runs((Run("tick"),)), Runs((Run("part", 0, 12),))
    first, other = (Change(checkout, 10, 2, (value,)) for value in (99.0, 0.5))
    follow("cloudwatch", sandbox, clock, clients, 0, [first, tick, other, part, first, Pass(5), tick], ("hand", 72))


def test_what_a_tick_of_other_questions_corrected_and_the_source_took_back_is_seen_too(
        sandbox, clock, clients) -> None:
    """`*` lists a service less for a while."""
    checkout, search, tick = KINDS[0], KINDS[1], Runs((Run("tick"),))
    first, other = (Change(checkout, 10, 2, (value,)) for value in (99.0, 0.5))
    less, more = (Change(search, 0, 240, values) for values in ((), (1.0,)))
    follow("cloudwatch", sandbox, clock, clients, 0, [first, tick, Pass(5), less, other, tick, more, first,
                                                      Pass(5), tick], ("hand", 72), "wild")


@many
@given(seed=seeds, steps=schedules("cloudwatch"), healing=healings, manner=manners, where=places)
def test_any_schedule_leaves_the_lake_that_cloudwatch_holds(
        sandbox, clock, clients, seed, steps, healing, manner, where) -> None:
    follow("cloudwatch", sandbox, clock, clients, seed, steps, healing, manner, where)


@many
@given(seed=seeds, steps=schedules("datadog"), healing=healings, manner=manners, where=places)
def test_any_schedule_leaves_the_lake_that_datadog_holds(
        sandbox, clock, clients, seed, steps, healing, manner, where) -> None:
    follow("datadog", sandbox, clock, clients, seed, steps, healing, manner, where)
