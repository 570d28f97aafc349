"""One metric, declared once in CloudWatch's words: a chart asks Datadog what the collector asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.datadog.query import parse
from tests.unit.sources.entries import entry
from watchbill.dashboards.lost import Lost
from watchbill.dashboards.to_datadog.query import groups, query
from watchbill.model.dashboards import WidgetMetric
from watchbill.sources.datadog.queries import question

_WORDS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20)
# What a line of a widget says beyond what is collected: all but a value, a part of one, a variable, a placeholder.
_PLAIN = _WORDS.filter(lambda text: not text.startswith("!") and "*" not in text and "$" not in text)
_STATISTICS = ["Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50", "p99"]


@pytest.mark.parametrize("namespace", ["AWS/EC2", "AWS/ECS", "AWS/Lambda", "CWAgent", "shop", "My App/Orders"])
@given(metric=_PLAIN, statistic=st.sampled_from(_STATISTICS),
       dimensions=st.dictionaries(_WORDS | st.sampled_from(["InstanceId", "ServiceName"]),
                                  _PLAIN.filter(lambda value: not value.startswith("=~")) | st.just("*"),
                                  max_size=3))
def test_what_is_shown_is_what_is_collected(
    namespace: str, metric: str, statistic: str, dimensions: dict[str, str]
) -> None:
    collected = question(entry(namespace=namespace, metrics=[metric], dimensions=dimensions), metric, statistic,
                         "datadog_default", "datadoghq.eu")
    shown = WidgetMetric(namespace=namespace, metric=metric, statistic=statistic, dimensions=dimensions)
    assert query(shown, 60, {}, Lost()) == collected.text
    assert len(groups(shown)) == len(collected.group_by)


@pytest.mark.parametrize("statistic", _STATISTICS)
@pytest.mark.parametrize("namespace", ["AWS/Lambda", "shop"])
def test_the_sandbox_understands_what_is_asked(namespace: str, statistic: str) -> None:
    asked = WidgetMetric(namespace=namespace, metric="Duration", statistic=statistic, dimensions={"FunctionName": "*"})
    parsed = parse(query(asked, 60, {}, Lost()) or "")
    assert (parsed.rollup_s, parsed.fill, parsed.by) == (60, "null", ("functionname",))
