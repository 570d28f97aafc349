"""Bodies of the v1 query endpoint become lines."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from watchbill.model.failures import SourceError
from watchbill.model.series import Series
from watchbill.model.windows import Window
from watchbill.sources.datadog.pointlists import read
from watchbill.sources.errors import Asked
from watchbill.sources.request import Query

ASKED = Asked("Datadog", "datadoghq.eu", "datadog_default", "timeseries query", ("shop",))
WINDOW = Window(datetime.fromtimestamp(60, UTC), datetime.fromtimestamp(300, UTC))
SERIES = Series("datadog", "datadog_default", "datadoghq.eu", "shop", "top(…)", "Sum", 60, (("env", "prod"),))
QUERY = Query("shop", SERIES, "top(…)", ("Service",))
MILLISECOND = {"family": "time", "name": "millisecond", "plural": "milliseconds", "short_name": "ms"}


def body(*series: Any, **members: Any) -> bytes:
    return orjson.dumps({"status": "ok", "res_type": "time_series", "series": series, **members})


def line(*pairs: Any, **members: Any) -> dict[str, Any]:
    return {"pointlist": pairs, "tag_set": ["service:checkout"], "scope": "env:prod,service:checkout",
            "query_index": 0, "unit": [MILLISECOND, None], **members}


def test_pairs_become_lines_without_nulls_and_groups_are_named_as_declared() -> None:
    (found,) = read(body(line([60_000.0, 1], [120_000.0, None], [180_000.0, 2.5])), QUERY, WINDOW, ASKED)
    assert dict(found.series.dimensions) == {"env": "prod", "Service": "checkout"}
    assert (found.query, found.timestamps_ms, list(found.values)) == (0, [60_000, 180_000], [1.0, 2.5])
    assert found.series.unit == "millisecond"


def test_an_answer_without_tag_sets_names_its_groups_in_the_scope() -> None:
    old = line([60_000.0, 1.0])
    del old["tag_set"]
    (found,) = read(body(old), QUERY, WINDOW, ASKED)
    assert dict(found.series.dimensions) == {"env": "prod", "Service": "checkout"}


def test_a_point_at_the_very_end_is_the_next_window_s() -> None:
    (found,) = read(body(line([240_000.0, 1.0], [300_000.0, 2.0])), QUERY, WINDOW, ASKED)
    assert found.timestamps_ms == [240_000]


def test_no_series_are_no_lines() -> None:
    assert read(body(), QUERY, WINDOW, ASKED) == []


def test_two_series_of_the_same_tags_are_refused() -> None:
    with pytest.raises(SourceError, match="more than one series of the same tags") as told:
        read(body(line([60_000.0, 1.0]), line([60_000.0, 2.0])), QUERY, WINDOW, ASKED)
    assert not told.value.retryable


@pytest.mark.parametrize("members", [{"status": "error", "error": "Query timed out"}, {"error": "Query timed out"},
                                     {"errors": ["Query timed out"]}])
def test_an_error_inside_a_good_answer_is_not_taken_for_silence(members: dict[str, Any]) -> None:
    with pytest.raises(SourceError, match=r"Datadog answered with an error: .*Query timed out") as told:
        read(body(**members), QUERY, WINDOW, ASKED)
    assert told.value.retryable


@pytest.mark.parametrize("nonsense", [
    b"", b"<html>502</html>", b"[]", b"null", b"{}", b'{"status": "ok"}', b'{"status": "ok", "series": 5}',
    body("x"), body({}), body(line(5)), body(line([60_000])), body(line(["soon", 1])), body(line([60_000.5, 1])),
    body(line([1e300, 1])), body(line([-1.0, 1])), body(line([60_000, "x"])), body(line([60_000, [1]])),
    body(line([60_000, 1], tag_set="abc")), body(line([60_000, 1], tag_set=[5])), body(line([60_000, 1], unit="x")),
    body(line(pointlist={})),
], ids=lambda one: one.decode()[-60:])
def test_nonsense_is_a_retryable_error_that_says_so(nonsense: bytes) -> None:
    with pytest.raises(SourceError, match="the answer is not Datadog's") as refused:
        read(nonsense, QUERY, WINDOW, ASKED)
    assert refused.value.retryable
