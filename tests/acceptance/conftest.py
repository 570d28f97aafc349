"""One real system for a module of tests: PostgreSQL, the small cloud and Airflow, with a tick of 60 s."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from sandbox.stack.run import DAGS
from sandbox.stack.stack import Progress, Stack, wait_until
from tests.stack_parts import free_ports

T = TypeVar("T")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Up, with every DAG read."""
    with tempfile.TemporaryDirectory(prefix="watchbill-") as folder:
        running = Stack(Progress(), Path(folder) / "run", free_ports())
        try:
            running.start()
            wait_until(lambda: running.api.get("/dags")["total_entries"] >= DAGS, within_s=90,
                       what="the DAGs", alive=running.alive)
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="module")
def wait(stack: Stack) -> Callable[..., T]:
    """`wait(look, what)`: the first answer of `look` that is true, within four ticks unless told."""

    def until(look: Callable[[], T], what: str, within_s: float = 270) -> T:
        deadline = time.monotonic() + within_s
        while not (found := look()):
            stack.alive()
            assert time.monotonic() < deadline, f"waited {within_s} s in vain for {what}"
            time.sleep(0.5)
        return found

    return until
