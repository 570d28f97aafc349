"""What the tests of Airflow share: an include folder that may be spoiled, and Airflow around it."""

import shutil
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.on_airflow.home import ROOT
from tests.on_airflow.running import Airflow


@pytest.fixture
def include(tmp_path: Path) -> Path:
    """A copy of the project's own declarations."""
    return Path(shutil.copytree(ROOT / "include", tmp_path / "include"))


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, include: Path, sandbox: Sandbox) -> Airflow:
    return Airflow(monkeypatch, tmp_path, include, sandbox)
