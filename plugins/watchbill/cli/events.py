"""What flows log, in a command: on standard error, so that standard output is what was asked for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def events_on_stderr() -> Iterator[None]:
    import structlog  # it brings half of a terminal with it, and most commands log nothing

    before = structlog.get_config()["logger_factory"]
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr), cache_logger_on_first_use=False)
    try:
        yield
    finally:
        structlog.configure(logger_factory=before)
