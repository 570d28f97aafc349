"""Airflow inside a command: what it has to say goes where it does not mix with what was asked for."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout


@contextmanager
def airflow_on_stderr() -> Iterator[None]:
    """Airflow logs to standard output; import it inside of this. Only what somebody should look at is said."""
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "WARNING")
    with redirect_stdout(sys.stderr):
        yield
