"""A page of plain metrics is read at once: as result by result, whatever stands in it."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from watchbill.model.failures import SourceError
from watchbill.model.series import Series
from watchbill.model.windows import Window
from watchbill.sources.cloudwatch.results import Results
from watchbill.sources.errors import Asked
from watchbill.sources.request import Query

WINDOW = Window(datetime.fromtimestamp(60, UTC), datetime.fromtimestamp(240, UTC))
ASKING = {f"m{number}": Query("shop", Series("cloudwatch", "1", "eu-west-1", "shop", f"metric{number}", "Sum", 60))
          for number in range(4)}


class OneByOne(Results):
    def _plain(self, results: Any) -> None:
        """Of no page, so that all are read result by result."""


def outcome(kind: type[Results], pages: list[list[Any]]) -> Any:
    """What a request comes to."""
    results = kind(tuple(ASKING.values()), Asked("CloudWatch", "eu-west-1", "aws_default", "GetMetricData"))
    results.begin(ASKING)
    try:
        brought = [set(results.add({"MetricDataResults": page})) for page in pages]
    except SourceError as error:
        return str(error)
    missing, forbidden = results.missing(), results.all_forbidden
    table, series, warnings = results.folded(WINDOW)
    return brought, missing, forbidden, table.to_pylist(), series, warnings


TIMES = st.sampled_from([[60, 120, 180], [60.0, 120.0], [], [180, 120, 60], [60, 60], [0, 60], None, ["x"]])
VALUES = st.sampled_from([[1.0, 2.5, 3], [1, 2], [], ["NaN", "1"], [1.7e308, 1.7e308, 1.7e308], [10**400, 1], "12",
                          None])
CODES = st.sampled_from(["Complete", "PartialData", "InternalError", "Forbidden", "unknown", None, 1])
USUAL = st.fixed_dictionaries({"Id": st.sampled_from([*ASKING]), "StatusCode": st.just("Complete"),
                               "Timestamps": st.just([60, 120, 180]), "Values": st.just([1.0, 2.5, 3])})
ANY = st.fixed_dictionaries(
    {"Id": st.sampled_from([*ASKING, "m9"])},
    optional={"StatusCode": CODES, "Timestamps": TIMES, "Values": VALUES, "Label": st.text(max_size=2),
              "Messages": st.sampled_from([[], [{"Code": "a", "Value": "b"}], "x"])}) | st.just("no result")


@given(st.lists(st.lists(USUAL, max_size=4) | st.lists(USUAL | ANY, max_size=5), max_size=3))
def test_a_page_at_once_is_as_its_results_one_by_one(pages: list[list[Any]]) -> None:
    assert outcome(Results, pages) == outcome(OneByOne, pages)


def test_a_usual_page_is_read_at_once() -> None:
    results = Results(tuple(ASKING.values()), Asked("CloudWatch", "eu-west-1", "aws_default", "GetMetricData"))
    results.begin(ASKING)
    page = [{"Id": name, "Label": name, "StatusCode": "Complete", "Timestamps": [60, 120][:number], "Values": [1.0] *
             min(number, 2)} for number, name in enumerate(ASKING)]
    assert results._plain(page) == {(name, "") for name in ASKING}
    assert results.missing() == {}
    assert len(results.folded(WINDOW)[0]) == 5
