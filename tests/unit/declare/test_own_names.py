"""What users say of Datadog's names holds for what is collected and for what is shown."""

import pytest

from tests.unit.declare.folder import Include
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.sources.datadog.queries import questions

NAMES = """\
    names:
      shop:
        errors: shop.errors_total
        requests: {Sum: web.requests.count}
    """


@pytest.fixture
def named(include: Include) -> Include:
    include.replace("metrics/shop.yaml", "sources: cloudwatch", "sources: [cloudwatch, datadog]")
    include.write("datadog_names.yaml", NAMES)
    return include


def test_entries_and_lines_have_the_names(named: Include) -> None:
    assert named.told() == []
    declared = named.load()
    assert [one.text for one in questions(declared.metrics[0], "datadog_default", "datadoghq.eu")] == [
        "sum:web.requests.count{*} by {service}.as_count().rollup(sum, 60).fill(null)",
        "sum:shop.errors_total{*} by {service}.as_count().rollup(sum, 60).fill(null)"]
    (definition,) = [one["definition"] for one in to_datadog(declared.dashboards[0])["widgets"]]
    assert definition["requests"][0]["queries"][0]["query"] == (
        "avg:shop.errors_total{*}.rollup(avg, 300).fill(null)")


def test_what_an_entry_or_a_line_says_itself_counts_before(named: Include) -> None:
    named.replace("metrics/shop.yaml", "period:", "datadog_names: {errors: mine.errors}\n    period:")
    named.replace("dashboards/shop.yaml", "metric: errors", "metric: errors, datadog_name: mine.errors")
    declared = named.load()
    assert declared.metrics[0].datadog_names == {"requests": {"Sum": "web.requests.count"}, "errors": "mine.errors"}
    assert "avg:mine.errors{*}" in str(to_datadog(declared.dashboards[0]))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("shop.errors_total", "no name", "datadog_names.yaml:3: names.shop.errors: 'no name' is no name of Datadog's"),
        ("names:", "name:", "datadog_names.yaml:1: name: unknown key (did you mean `names`?)"),
    ],
)
def test_a_broken_file_of_names_is_told_once(named: Include, old: str, new: str, told: str) -> None:
    named.replace("datadog_names.yaml", old, new)
    (found,) = named.told()
    assert found.startswith(told)


def test_a_name_of_another_entry_is_told(named: Include) -> None:
    named.replace("metrics/shop.yaml", "period:", "datadog_names: {erors: mine.errors}\n    period:")
    assert any("`datadog_names` erors: is none of the entry's metrics" in one for one in named.told())
