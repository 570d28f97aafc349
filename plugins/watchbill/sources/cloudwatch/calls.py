"""Counts what really goes over the wire: botocore retries inside a call, and says so only at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Calls:
    """HTTP calls sent so far, and what they cost.

    AWS does not say whether a page, or a call that it refused, is billed again: each that is sent counts as if.
    """

    def __init__(self) -> None:
        self.sent = 0
        self.billed_metrics = 0
        self.billed_each = 0  # billed metrics of every call from now on

    def _count(self, **_: Any) -> None:
        self.sent += 1  # returns nothing, for botocore would take a result for the answer
        self.billed_metrics += self.billed_each


@contextmanager
def by_newest_names(client: Any) -> Iterator[None]:
    """While inside, botocore takes the names of its events as they are. It looks for 65 older ones in each that a
    client has not emitted before, and finds none: a fifteenth of a first request. Its attribute is not documented.
    """
    events = client.meta.events
    older = getattr(events, "_event_aliases", None)
    events._event_aliases = {}
    try:
        yield
    finally:
        events._event_aliases = older


@contextmanager
def counted(client: Any, event: str = "before-send.cloudwatch") -> Iterator[Calls]:
    """Every attempt of the client while inside, or of `event`. Not for a client that two threads use at once."""
    calls = Calls()
    client.meta.events.register(event, calls._count)
    try:
        yield calls
    finally:
        client.meta.events.unregister(event, calls._count)
