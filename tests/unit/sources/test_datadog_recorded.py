"""Recorded answers of the real Datadog, through our reading of them."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from datadog_api_client.exceptions import ApiException

from watchbill.model.failures import SourceError
from watchbill.model.series import Series
from watchbill.model.windows import Window
from watchbill.sources.datadog import limits, pointlists
from watchbill.sources.datadog.timeseries import read
from watchbill.sources.errors import Asked
from watchbill.sources.errors.datadog import explained
from watchbill.sources.fetched import Columns
from watchbill.sources.request import Query

FOLDER = Path(os.environ.get("WATCHBILL_CASES", "../shared")) / "data" / "datadog-recorded"
ASKED = Asked("Datadog", "datadoghq.com", "datadog_default", "timeseries query", ("recorded",))

pytestmark = [
    pytest.mark.cases,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recorded answers at {FOLDER.absolute()}"),
]


@dataclass
class Recorded:
    name: str
    path: str
    status: int
    asked: Any
    body: Any
    headers: dict[str, str]


def recorded() -> list[Recorded]:
    return [
        Recorded(
            file.stem,
            one["path"],
            one["status"],
            one["request_body"],
            one["response_body"],
            one.get("headers") or {},
        )
        for file in sorted(FOLDER.glob("*.json"))
        for one in json.loads(file.read_text())["interactions"]
    ]


TIMESERIES = [one for one in recorded() if one.path == "/api/v2/query/timeseries" and one.status == 200]
V1 = [one for one in recorded() if one.path == "/api/v1/query" and one.status == 200]
REFUSED = [one for one in recorded() if one.status >= 400]


def _name(one: Recorded) -> str:
    return f"{one.name}-{one.status}"


@pytest.mark.parametrize("one", TIMESERIES, ids=_name)
def test_every_recorded_answer_is_read_whole(one: Recorded) -> None:
    attributes, answer = one.asked["data"]["attributes"], one.body["data"]["attributes"]
    period_s = attributes["interval"] // 1000
    queries = [
        Query(
            "recorded",
            Series("datadog", "datadog_default", "datadoghq.com", "", query["name"], "Sum", period_s),
            "",
        )
        for query in attributes["formulas"] and attributes["queries"]
    ]
    lines = read(orjson.dumps(one.body), queries, ASKED)
    told = [
        [(time, value) for time, value in zip(answer["times"], values, strict=True) if value is not None]
        for values in answer["values"]
    ]
    assert [list(zip(line.timestamps_ms, line.values, strict=True)) for line in lines] == told
    columns = Columns()
    for line in lines:
        columns.add(line.series.key, line.timestamps_ms, line.values)
    assert len(columns) == sum(map(len, told))
    start, end = (datetime.fromtimestamp(attributes[edge] / 1000, UTC) for edge in ("from", "to"))
    assert all(
        start.timestamp() * 1000 - 60_000 <= time < end.timestamp() * 1000
        for line in lines for time in line.timestamps_ms
    )


@pytest.mark.parametrize("one", V1, ids=_name)
def test_every_recorded_answer_of_v1_is_read_whole(one: Recorded) -> None:
    window = Window(*(datetime.fromtimestamp(one.body[edge] / 1000, UTC) for edge in ("from_date", "to_date")))
    series = Series("datadog", "datadog_default", "datadoghq.com", "", "recorded", "Sum", 60)
    lines = pointlists.read(orjson.dumps(one.body), Query("recorded", series, one.body["query"]), window, ASKED)
    assert [[*zip(line.timestamps_ms, line.values, strict=True)] for line in lines] == [
        [(int(time), value) for time, value in each["pointlist"] if value is not None] for each in one.body["series"]]
    assert lines


@pytest.mark.parametrize("one", [one for one in [*V1, *TIMESERIES] if one.headers.get("x-ratelimit-limit")], ids=_name)
def test_recorded_limits_are_read(one: Recorded) -> None:
    limit = limits.told(one.headers, "here")
    assert limit is not None
    assert (limit.limit, limit.remaining) == tuple(
        int(one.headers[f"x-ratelimit-{name}"]) for name in ("limit", "remaining"))


@pytest.mark.parametrize("one", REFUSED, ids=_name)
def test_every_recorded_refusal_is_a_clear_error(one: Recorded) -> None:
    error = ApiException(status=one.status, reason="")
    error.body, error.headers = one.body, one.headers
    with pytest.raises(SourceError) as told, explained(ASKED):
        raise error
    said = one.body.get("errors") if isinstance(one.body, dict) else None
    assert f"Datadog answered {one.status}: " in str(told.value)
    assert all(str(part)[:60].rstrip(".") in str(told.value) for part in said or [] if isinstance(part, str))
    assert not told.value.retryable


def test_there_are_recorded_answers_of_both_kinds() -> None:
    assert TIMESERIES
    assert any("query" in one.path and one.status == 400 for one in REFUSED)
