from tests.unit.rules.points import a_rule, a_series
from watchbill.rules.describe import Described, humanize, render
from watchbill.rules.judge import Reading

CHECKOUT = a_series(service="checkout")


def reading(value=231.0):
    return Reading({"service": "checkout"}, value, CHECKOUT)


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
                  "account": "123456789012", "region": "eu-west-1"},
    )


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
    odd = Reading({"service": "{{ 7 * 7 }}"}, 1.0, CHECKOUT)
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
