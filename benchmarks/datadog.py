"""Datadog v2 timeseries -> Parquet: our source and lake beside the vendor's client with its typed models."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.answers import serving
from benchmarks.benchmark import Benchmark, Given, Size, Work
from watchbill.model.series import Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window

_START = datetime(2026, 3, 2, tzinfo=UTC)
_QUERY = "avg:system.cpu.user{*} by {host}.rollup(avg, 60)"


@contextmanager
def stage(_: Path, size: Size) -> Iterator[Given]:
    """One query by host is answered: of each a point a minute, from the `from` that is asked for."""
    chance = Random(7)
    values = [[chance.gauss(50, 15) for _ in range(size["minutes"])] for _ in _hosts(size)]
    answer = _answer(size, values)

    def at(start_ms: int) -> bytes:
        times = [start_ms + 60_000 * minute for minute in range(size["minutes"])]
        return answer.replace(b'"times":""', b'"times":' + json.dumps(times, separators=(",", ":")).encode())

    with serving(at, r'"from": ?(\d+)', "application/json") as url:
        yield {"url": url, **size}


def _answer(size: Size, values: list[list[float]]) -> bytes:
    """Without the times."""
    unit = [{"family": "percentage", "name": "percent", "plural": "percent", "scale_factor": 1.0,
             "short_name": "%"}, None]
    attributes = {
        "series": [{"group_tags": [f"host:{host}"], "query_index": 0, "unit": unit} for host in _hosts(size)],
        "times": "", "values": values,
    }
    answer = {"data": {"id": "0", "type": "timeseries_response", "attributes": attributes}}
    return json.dumps(answer, separators=(",", ":")).encode()


def _hosts(size: Size) -> list[str]:
    return [f"web-{number:03}" for number in range(size["hosts"])]


def _window(size: Size, turn: int) -> Window:
    length = timedelta(minutes=size["minutes"])
    return Window(_START + turn * length, _START + (turn + 1) * length)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _series(*dimensions: tuple[str, str]) -> Series:
    return Series("datadog", "datadog_default", "datadoghq.eu", "system", "cpu.user", "Average", 60, dimensions)


def _client(url: str) -> Any:
    from datadog_api_client import ApiClient, Configuration

    config = Configuration(host=url, enable_retry=False)
    config.api_key.update(apiKeyAuth="benchmark", appKeyAuth="benchmark")
    return ApiClient(config)


def watchbill(given: Given, folder: Path) -> Work:
    """As a task of collect_datadog does it: fetch a request, write it to the lake."""
    from benchmarks.parquet import kept
    from watchbill.lake.lake import Lake
    from watchbill.sources import datadog
    from watchbill.sources.request import Query, Request

    client, lake = _client(given["url"]), Lake.open("lake", home=folder)
    queries = (Query("cpu", _series(), _QUERY, ("host",)),)

    def turn(number: int) -> int:
        window = _window(given, number)
        request = Request(Target("datadog", "datadog_default"), window, queries)
        fetched = datadog.fetch(client, request)
        lake.write("datadog", window, request.id, fetched.points, fetched.series, collected_at=window.end)
        return len(fetched.points)

    return Work(turn, given["requests"], lambda: kept(folder / "lake" / "points"))


def datadog_api_client(given: Given, folder: Path) -> Work:
    """As the vendor's page shows it: the answer is read into the client's models."""
    from datadog_api_client.v2.api.metrics_api import MetricsApi

    from benchmarks.parquet import kept, write

    api = MetricsApi(_client(given["url"]))
    keys = {f"host:{host}": _series(("host", host)).key for host in _hosts(given)}

    def turn(number: int) -> int:
        window = _window(given, number)
        series: list[int] = []
        times: list[int] = []
        values: list[float] = []
        attributes = api.query_timeseries_data(_question(window)).data.attributes
        for one, column in zip(attributes.series.value, attributes.values.value, strict=True):
            there = [(time, value) for time, value in zip(attributes.times.value, column.value, strict=True)
                     if value is not None]
            series += [keys[one.group_tags.value[0]]] * len(there)
            times += [time for time, _ in there]
            values += [value for _, value in there]
        write(folder / f"{number}.parquet", series, times, values, window.end)
        return len(values)

    return Work(turn, given["requests"], lambda: kept(folder))


def floor(given: Given, folder: Path) -> Work:
    """A bare HTTP connection, orjson, Arrow and zstd: nothing is checked, and nothing that goes wrong is noticed."""
    from http.client import HTTPConnection

    import orjson
    import pyarrow as pa

    from benchmarks.parquet import SCHEMA, kept, write_table

    connection = HTTPConnection(given["url"].removeprefix("http://"))
    keys = {f"host:{host}": _series(("host", host)).key.to_bytes(8, "little") for host in _hosts(given)}

    def turn(number: int) -> int:
        window = _window(given, number)
        connection.request("POST", "/api/v2/query/timeseries", orjson.dumps({"data": {"attributes": {
            "from": _ms(window.start), "to": _ms(window.end), "queries": [{"query": _QUERY}]}}}))
        answer = orjson.loads(connection.getresponse().read())["data"]["attributes"]
        times = pa.array(answer["times"], pa.int64())
        found = b"".join(keys[one["group_tags"][0]] * len(times) for one in answer["series"])
        values = pa.array([value for column in answer["values"] for value in column], pa.float64())
        columns = [pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(found)]),
                   pa.concat_arrays([times] * len(answer["series"])).cast(SCHEMA.field("timestamp").type), values]
        write_table(folder / f"{number}.parquet", columns, window.end)
        return len(values)

    return Work(turn, given["requests"], lambda: kept(folder))


def _question(window: Window) -> Any:
    from datadog_api_client.v2.model.metrics_data_source import MetricsDataSource
    from datadog_api_client.v2.model.metrics_timeseries_query import MetricsTimeseriesQuery
    from datadog_api_client.v2.model.timeseries_formula_query_request import TimeseriesFormulaQueryRequest
    from datadog_api_client.v2.model.timeseries_formula_request import TimeseriesFormulaRequest
    from datadog_api_client.v2.model.timeseries_formula_request_attributes import TimeseriesFormulaRequestAttributes
    from datadog_api_client.v2.model.timeseries_formula_request_queries import TimeseriesFormulaRequestQueries
    from datadog_api_client.v2.model.timeseries_formula_request_type import TimeseriesFormulaRequestType

    query = MetricsTimeseriesQuery(MetricsDataSource.METRICS, _QUERY, name="q0")
    return TimeseriesFormulaQueryRequest(data=TimeseriesFormulaRequest(
        type=TimeseriesFormulaRequestType.TIMESERIES_REQUEST,
        attributes=TimeseriesFormulaRequestAttributes(
            _from=_ms(window.start), to=_ms(window.end), interval=60_000,
            queries=TimeseriesFormulaRequestQueries([query]))))


BENCHMARK = Benchmark(
    "datadog", "Datadog v2 timeseries → Parquet", "a request of 500 hosts × 200 points",
    baseline="datadog-api-client", stage=stage,
    sides={"datadog-api-client": datadog_api_client, "watchbill": watchbill, "floor": floor},
    full={"hosts": 500, "minutes": 200, "requests": 5}, tiny={"hosts": 3, "minutes": 4, "requests": 2})
