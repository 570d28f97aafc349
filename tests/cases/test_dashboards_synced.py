"""Real dashboards, imported and kept: the clouds get the same dashboard back, and a second plan is empty."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.server import Sandbox
from tests.cases.dashboards import body, files
from tests.contract.dashboards.test_sync_dashboards import clouds
from tests.sandbox_fixtures import sandbox, sandbox_server  # noqa: F401 - fixtures
from tests.unit.dashboards.syncing import CLOUDWATCH, DATADOG, World
from watchbill.dashboards import from_cloudwatch, from_datadog
from watchbill.dashboards.compare import difference, normalise
from watchbill.dashboards.ownership import unmarked
from watchbill.dashboards.validate import check_body
from watchbill.dashboards.written import written
from watchbill.model.clouds import CLOUDS, Cloud
from watchbill.model.dashboards import Dashboard

FILES = [(cloud, file) for cloud in CLOUDS for file in files(cloud)]
_READ: dict[Cloud, Any] = {"cloudwatch": from_cloudwatch.read, "datadog": from_datadog.read}

pytestmark = [pytest.mark.cases, pytest.mark.skipif(not FILES, reason="no real dashboards are here")]


@pytest.fixture
def world(sandbox: Sandbox, tmp_path: Path) -> World:  # noqa: F811
    found = World(tmp_path)
    found.clouds = clouds(sandbox)
    return found


def declared(cloud: Cloud, file: Path) -> Dashboard:
    read = _READ[cloud](body(file), "case").dashboard
    return Dashboard.model_validate(yaml.safe_load(written(read)))


def taken() -> Iterator[Any]:
    for cloud, file in FILES:
        if not [one for one in check_body(cloud, body(file)) if one.severity == "error"]:
            yield pytest.param(cloud, file, id=f"{cloud} {file.stem}")


@pytest.mark.parametrize(("cloud", "file"), list(taken()))
def test_a_dashboard_is_kept_as_it_was_and_then_left_alone(world: World, cloud: Cloud, file: Path) -> None:
    dashboard = declared(cloud, file)
    [made] = world.apply(world.plan(dashboard))
    assert (made.action, made.error) == ("create", "")
    place = CLOUDWATCH if cloud == "cloudwatch" else DATADOG
    raw = world.clouds[place].raw(world.memory().of(place)["case"].ref)
    if cloud == "datadog":
        raw |= {"description": unmarked(raw["description"])}
    assert difference(normalise(cloud, raw), normalise(cloud, body(file))) == []
    assert [change.action for change in world.plan(dashboard)] == ["unchanged"]
    world.lose_the_ledger()
    assert [change.action for change in world.plan(dashboard)] == ["unchanged"]
