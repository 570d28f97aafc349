"""Widgets written once and used many times, and where what is wrong with them stands."""

import re

import pytest

from tests.unit.declare.folder import Include
from watchbill.model.dashboards import MetricWidget

TEMPLATE = """\
    templates:
      service-row:
        parameters: {service: , metric: errors, period: 1m, height: 6}
        widgets:
          - {type: text, width: 24, height: 1, markdown: "## ${service}, $${service}"}
          - type: metric
            title: ${metric} of ${service}
            period: ${period}
            height: ${height}
            metrics:
              - for_each: {statistic: [Sum, Average]}
                namespace: shop
                metric: ${metric}
                statistic: ${statistic}
                dimensions: {service: "${service}"}
                label: "${service}: ${LABEL}"
    """
DASHBOARD = """\
    id: shop
    title: Shop
    widgets:
      - template: service-row
        for_each: {service: [checkout, search]}
      - template: service-row
        with: {service: catalog, metric: requests, period: 5m, height: 4}
      - for_each: {zone: [a, b], number: [1, 2]}
        type: text
        markdown: Zone ${zone}, ${number}
    """


@pytest.fixture
def used(include: Include) -> Include:
    include.write("dashboards/templates/rows.yaml", TEMPLATE)
    include.write("dashboards/shop.yaml", DASHBOARD)
    return include


def test_templates_and_repetitions_are_written_out(used: Include) -> None:
    assert used.told() == []
    (dashboard,) = used.load().dashboards
    assert [getattr(one, "markdown", one.title) for one in dashboard.widgets] == [
        "## checkout, ${service}", "errors of checkout", "## search, ${service}", "errors of search",
        "## catalog, ${service}", "requests of catalog", "Zone a, 1", "Zone a, 2", "Zone b, 1", "Zone b, 2"]
    graph = dashboard.widgets[5]
    assert isinstance(graph, MetricWidget)
    assert (graph.period_s, graph.height) == (300, 4)
    assert [(line.metric, line.statistic, line.dimensions, line.label) for line in graph.metrics] == [
        ("requests", "Sum", {"service": "catalog"}, "catalog: ${LABEL}"),
        ("requests", "Average", {"service": "catalog"}, "catalog: ${LABEL}")]


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("templates/rows", "type: metric", "type: metrics",
         "dashboards/templates/rows.yaml:6: widgets[1].type: `metrics` is not allowed, "
         "as used in dashboards/shop.yaml:4 (did you mean `metric`? allowed: metric, log, text, alarm, raw, group)"),
        ("templates/rows", "${metric} of", "${metrc} of",
         "dashboards/templates/rows.yaml:7: templates.service-row.widgets[1].title: there is no parameter metrc, "
         "as used in dashboards/shop.yaml:4 (did you mean ${metric}?)"),
        ("shop", "period: 5m", "period: 7s",
         "dashboards/shop.yaml:7: widgets[5].period: CloudWatch knows periods of 1s, 5s, 10s, 20s, 30s "
         "and multiples of 1m only"),
        ("shop", "template: service-row\n    with", "template: service-rows\n    with",
         "dashboards/shop.yaml:6: widgets[1].template: there is no template `service-rows` "
         "(did you mean `service-row`?)"),
        ("shop", "{service: catalog, ", "{",
         "dashboards/shop.yaml:6: widgets[1].template: template `service-row` needs service "
         "(add `with: {service: …}`)"),
        ("shop", "with: {service", "with: {sevice: a, service",
         "dashboards/shop.yaml:7: widgets[1].with.sevice: template `service-row` has no parameter sevice "
         "(did you mean `service`?)"),
        ("shop", "with: {service", "x: 0\n    with: {service",
         "dashboards/shop.yaml:7: widgets[1].x: unknown key (known keys: template, with)"),
        ("shop", "[checkout, search]", "checkout",
         "dashboards/shop.yaml:5: widgets[0].for_each: names no values to repeat for "
         "(write it as {service: [checkout, search]})"),
        ("shop", "Zone ${zone}", "Zone ${zoned}",
         "dashboards/shop.yaml:10: widgets[2].markdown: there is no parameter zoned (did you mean ${zone}?)"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(used: Include, file: str, old: str, new: str, told: str) -> None:
    used.replace(f"dashboards/{file}.yaml", old, new)
    found = used.told()
    assert told in [re.sub(r" \[[^\]]*, number \d+\]", "", line) for line in found], found
    assert used.load().dashboards == ()


def test_a_number_is_a_text_where_one_is_wanted(used: Include) -> None:
    used.replace("dashboards/shop.yaml", "markdown: Zone ${zone}, ${number}", "markdown: ${number}")
    assert used.told() == []
    assert [getattr(one, "markdown", "") for one in used.load().dashboards[0].widgets[6:]] == ["1", "2", "1", "2"]


def test_a_template_that_uses_itself_ends(used: Include) -> None:
    used.replace("dashboards/templates/rows.yaml", "widgets:\n",
                 "widgets:\n      - {template: service-row, with: {service: a}}\n")
    assert any("uses itself" in line for line in used.told())


def test_two_templates_of_one_name_are_told(used: Include) -> None:
    used.write("dashboards/templates/more.yaml", TEMPLATE)
    assert used.told() == [
        "dashboards/templates/rows.yaml:2: templates.service-row: template `service-row` is there twice "
        "(the first is dashboards/templates/more.yaml:2: rename or remove one)"]
