"""Which series a line draws."""

import pytest

from watchbill.graphs.lines.places import places
from watchbill.graphs.lines.selection import Wanted, chosen, matches, select
from watchbill.lake.series_table import as_table
from watchbill.model.dashboards.lines import WidgetMetric
from watchbill.model.series import Series


@pytest.mark.parametrize(("pattern", "value", "fits"), [
    ("a", "a", True), ("a", "b", False), ("a", None, False), ("*", "x", True), ("*", None, False),
    ("web-*", "web-1", True), ("web-*", "db-1", False), ("*-1", "web-1", True), ("w*b*", "wxbx", True),
    ("!a", "b", True), ("!a", "a", False), ("!a", None, True), ("!web-*", "web-1", False),
    (("a", "b"), "b", True), (("a", "b"), "c", False), (("!a", "!b"), "b", False), (("!a", "!b"), "c", True),
    (("web-*", "!web-1"), "web-1", False), (("web-*", "!web-1"), "web-2", True), ("a.c", "abc", False),
    ("*" * 40 + "x", "y" * 100, False),
])
def test_patterns_of_dimensions(pattern, value, fits):
    assert matches(pattern, value) is fits


def test_variables_are_what_is_chosen_or_everything():
    dimensions = {"host": "$host", "env": "${env}", "path": "/data/$disk", "fixed": "x"}
    variables = {"host": ("a", "b"), "env": (), "disk": ("sda",)}
    assert chosen(dimensions, variables) == {"host": ("a", "b"), "env": "*", "path": "/data/sda", "fixed": "x"}


def series(period_s=60, region="eu-west-1", **dimensions) -> Series:
    return Series("cloudwatch", "123456789012", region, "shop", "errors", "Sum", period_s, tuple(dimensions.items()))


def found(*given: Series, exact: bool = True, period_s: int = 60, **dimensions):
    wanted = Wanted("shop", "errors", "Sum", dimensions, exact)
    return select(as_table(list(given)), wanted, period_s)


def test_exactly_these_dimensions_or_at_least_these():
    narrow, wide = series(service="a"), series(service="a", zone="1")
    assert [one.labels for one in found(narrow, wide, service="*")] == [{"service": "a"}]
    assert len(found(narrow, wide, exact=False, service="*")) == 2


def test_periods_of_one_stream_come_best_first():
    (one,) = found(series(300), series(60), series(3600), series(10), period_s=300)
    assert [period for period, _ in one.periods] == [300, 60, 10, 3600]


def test_regions_are_told_apart_only_where_nothing_else_does():
    assert [one.labels for one in found(series(service="a"), series(service="a", region="us-east-1"), service="*")] == [
        {"service": "a", "account": "123456789012", "region": "eu-west-1"},
        {"service": "a", "account": "123456789012", "region": "us-east-1"}]


def test_a_metric_is_looked_for_under_every_name_that_it_may_have():
    line = WidgetMetric(namespace="AWS/EC2", metric="CPUUtilization", dimensions={"InstanceId": "*"},
                        datadog="max:system.cpu.user{env:prod,!host:a} by {host}")
    said = [(one.source, one.wanted.namespace, one.wanted.metric, one.wanted.statistic, dict(one.wanted.dimensions))
            for one in places(line, "", {})]
    assert said[0] == ("cloudwatch", "AWS/EC2", "CPUUtilization", "Average", {"InstanceId": "*"})
    assert ("datadog", "system", "cpu.user", "Maximum", {"host": "*", "env": "prod"}) in said
    assert said[-1] == ("datadog", "aws", "ec2.cpuutilization", "Average", {"host": "*"})
