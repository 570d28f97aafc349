"""GetMetricData's questions, written beforehand: botocore walks its service model for each of 500 queries.

botocore is given an empty list of queries and writes the rest of the body, as it signs, sends and repeats it; ours
take the place of the empty list before it signs. The events are not documented, so tests hold the body against what
botocore would have written.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson

_EVENT = "before-call.cloudwatch.GetMetricData"
_EMPTY = b'"MetricDataQueries": []'


@contextmanager
def written_beforehand(client: Any, queries: Iterable[bytes]) -> Iterator[list[dict[str, Any]]]:
    """What to give the client as MetricDataQueries while inside, so that it asks for `queries`, each of them JSON."""
    if client.meta.service_model.resolved_protocol != "json":
        yield [orjson.loads(query) for query in queries]
        return
    written = bytearray(b'"MetricDataQueries": [')
    for query in queries:
        written += query  # one by one, for together they take fresh memory, and that takes as long again
        written += b","
    written[-1:] = b"]" if written.endswith(b",") else b"[]"

    def put(params: dict[str, Any], **_: Any) -> None:
        if params["body"].count(_EMPTY) != 1:
            raise RuntimeError("botocore writes an empty list in another way")
        params["body"] = params["body"].replace(_EMPTY, written)

    client.meta.events.register(_EVENT, put)
    try:
        yield []
    finally:
        client.meta.events.unregister(_EVENT, put)
