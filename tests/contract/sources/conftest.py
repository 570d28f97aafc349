from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.contract.sources.collecting import Collecting, Make
from tests.sandbox_fixtures import sandbox, sandbox_server
from watchbill.lake.lake import Lake

__all__ = ["sandbox", "sandbox_server"]


@pytest.fixture
def make(sandbox: Sandbox, tmp_path: Path) -> Make:
    """Of a source's name: a collection from it into an empty lake."""
    return lambda source: Collecting(source, sandbox, Lake.open("lake", home=tmp_path))


@pytest.fixture(params=["cloudwatch", "datadog"])
def world(request: pytest.FixtureRequest, make: Make) -> Collecting:
    return make(request.param)
