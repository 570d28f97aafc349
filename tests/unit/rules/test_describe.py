import json
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.points import a_rule, a_series, streams
from watchbill.model.alerts import fingerprint
from watchbill.model.pictured import Pictured
from watchbill.rules.describe import Described, Words, render
from watchbill.rules.humanize import humanize
from watchbill.rules.judge import Reading, Values

SERIES = a_series(service="checkout").to_json()


def reading(value=231.0):
    return Reading({"service": "checkout"}, value, SERIES)


def test_an_instance_is_its_dimensions_its_rules_labels_and_its_name():
    rule = a_rule(
        labels={"severity": "critical", "team": "{{ labels.service }}-team"},
        annotations={"summary": "{{ labels.alertname }}: {{ value | round | int }} errors in {{ window }}, "
                                "{{ labels.team }}, over {{ threshold | humanize }}"},
    )
    assert render(rule, reading()) == Described(
        labels={"service": "checkout", "severity": "critical", "team": "checkout-team",
                "alertname": "HighErrorRate"},
        annotations={"summary": "HighErrorRate: 231 errors in 5m, checkout-team, over 100"},
        metadata={"value": 231.0, "condition": "last shop errors Sum over 5m > 100", "source": "cloudwatch",
                  "account": "123456789012", "region": "eu-west-1",
                  "graph": {"series": [SERIES], "zones": [[100.0, None]], "unit": "", "window_s": 300.0}},
    )
    assert Pictured.of(render(rule, reading()).metadata) == Pictured(
        (a_series(service="checkout"),), ((100.0, None),), "", timedelta(minutes=5))


def test_a_template_that_fails_goes_out_as_written_with_the_error_beside_it():
    rule = a_rule(annotations={"summary": "{{ labels.servce }} is slow", "description": "{{ value }}"})
    described = render(rule, reading())
    assert described.annotations == {"summary": "{{ labels.servce }} is slow", "description": "231.0"}
    assert described.errors == (
        "annotations.summary: UndefinedError: 'dict object' has no attribute 'servce'",)


def test_a_template_cannot_leave_its_sandbox():
    rule = a_rule(annotations={"summary": "{{ labels.__class__.__mro__[1].__subclasses__() }}"})
    assert render(rule, reading()).errors[0].startswith("annotations.summary: SecurityError")


def test_text_from_a_dimension_is_never_read_as_a_template():
    odd = Reading({"service": "{{ 7 * 7 }}"}, 1.0, SERIES)
    described = render(a_rule(annotations={"summary": "{{ labels.service }}"}), odd)
    assert described.annotations == {"summary": "{{ 7 * 7 }}"}


def test_a_label_that_renders_to_nothing_is_left_out():
    assert "zone" not in render(a_rule(labels={"zone": "{{ labels.zone | default('') }}"}), reading()).labels


def test_a_missing_value_can_be_written():
    rule = a_rule(annotations={"summary": "{{ value | humanize }}"})
    assert render(rule, reading(None)).annotations == {"summary": "no data"}


def test_humanize_keeps_four_digits():
    assert [humanize(value) for value in (0.0, 97.3000001, 1234.5, -2_500_000.0, 3e9, 4e13)] == [
        "0", "97.3", "1.234k", "-2.5M", "3G", "40T"]


_PIECES = st.sampled_from([
    "{{ labels.service }}", "{{ value }}", "{{ value | humanize }}", "{{ threshold }}", "{{ window }}", " % ", "\n",
    "{{ labels.severity }}", "{{ labels.alertname }}", "{{ threshold | humanize }}", "{{ labels.absent }}", "\r\n",
    "{{ value * 2 }}", "{# said #}", "{{ 'a' }}", "ü\"", "{{ labels.service | upper }}", "{{ nonsense }}",
    "{% if value %}x{% endif %}"])


@given(st.lists(_PIECES, max_size=4).map("".join), st.lists(_PIECES, max_size=2).map("".join),
       st.floats() | st.none(), st.text(max_size=4),
       st.sampled_from(["service", "zone", "severity", "alertname", "a%sb"]))
def test_many_are_told_in_the_very_words_that_one_is(summary, label, value, name, dimension):
    rule = a_rule(labels={"severity": "critical", "odd": label}, annotations={"summary": summary, "%s": "100 %"})
    plain = a_rule(labels={"severity": "critical"}, annotations={"summary": summary})
    found = streams(plain, a_series(**{dimension: name}), a_series(other="x"))
    values = Values(found, pa.array([value] * 2, pa.float64()))
    for one in (rule, plain):
        told = [(place, *row) for said in Words(one).say(values, range(2)) for place, *row in zip(
            said.places, said.fingerprints, said.labels, said.annotations, said.metadata, said.series, strict=True)]
        for place, mark, labels, annotations, metadata, series in told:
            alone = render(one, values.reading(place))
            graph = {"graph": json.loads(f"{{{Words(one).picture},{series}}}")}
            assert (mark, json.loads(labels), json.loads(annotations), json.loads(metadata) | graph) == (
                fingerprint(alone.labels), alone.labels, alone.annotations, alone.metadata)
        assert sorted(place for place, *_ in told) == [0, 1]


@pytest.mark.parametrize("text", [
    "{{ 'x' * 10**9 }}", "{% for i in range(10**9) %}x{% endfor %}",
    "{% for i in range(1000) %}{% for j in range(1000) %}{% endfor %}{% endfor %}", "{{ '%1000000000d' % 1 }}",
    "{{ 'x'.ljust(10**9) }}", "{{ 'x' | center(10**9) }}", "{{ '{:1000000000}'.format(1) }}", "{{ lipsum(10**9) }}",
    "{{ ('x' | replace('', 'y' * 1)) }}", "{% set x = 'xx' %}{{ x }}", "{{ [1] * 10**9 }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{{ 'x' | indent(10**9) }}",
    "{{ range(1000) | join('" + "x" * 1000 + "') }}", "{% for i in range(1000) %}" + "x" * 100 + "{% endfor %}",
    "{% include '/etc/passwd' %}", "{{ cycler.__init__.__globals__ }}",
])
def test_a_template_without_end_goes_out_as_written(text):
    described = render(a_rule(annotations={"summary": text}), reading())
    assert described.annotations == {"summary": text}
    assert described.errors[0].startswith("annotations.summary: ")


@pytest.mark.parametrize(("text", "shown"), [
    ("{{ (value / threshold * 100) | round(1) }} %", "231.0 %"), ("{{ 2 ** 3 }}", "8.0"), ("{{ 7 % 2 }}", "1"),
    ("{% for name, word in labels.items() %}{{ name }}={{ word }};{% endfor %}",
     "service=checkout;alertname=HighErrorRate;"), ("{{ 10**10**10 }}", "1e+100"),
    ("{{ labels.values() | join(', ') }}", "checkout, HighErrorRate"),
    ("{{ labels.service | replace('c', 'k') }}", "khekkout"),
    ("{{ labels.zone | default('nowhere') }}", "nowhere"), ("{{ '%s' | upper }}", "%S"), ("one\n", "one"),
])
def test_what_people_need_in_a_template_is_there(text, shown):
    assert render(a_rule(annotations={"summary": text}), reading()).annotations == {"summary": shown}
