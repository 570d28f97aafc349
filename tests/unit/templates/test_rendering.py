"""Templates rendered: bounded, escaped where values come from outside, and never in the way of an alert."""

import html
from dataclasses import replace

import pytest

from tests.unit.templates.made import FIRING, RESOLVED, START, notification
from watchbill.channels.slack_message import escape
from watchbill.model.alerts import Alert
from watchbill.model.templates.go_lexer import TemplateError
from watchbill.model.templates.reading import Library, as_jinja
from watchbill.model.templates.rendering import MOST, render, rendered

TOLD = notification(FIRING, RESOLVED, route_labels={"team": "shop"}, receiver_labels={"name": "team"})


def test_a_message_has_the_names_of_alertmanager() -> None:
    template = ("{{ Receiver }} {{ Status }} {{ Alerts|length }} {{ GroupLabels }} {{ CommonLabels }} {{ GroupKey }} "
                "{{ CommonAnnotations.summary }} {{ ExternalURL }} {{ RouteLabels.team }} {{ ReceiverLabels }}")
    assert render(template, TOLD, external_url="http://here") == (
        'team firing 2 alertname=High alertname=High, job=42 {}:{alertname="High"}  http://here shop name=team')


def test_labels_print_in_order_and_may_have_any_name() -> None:
    told = notification(Alert({"items": "1", "Z": "2", "alertname": "A", "__class__": "3"}, START))
    assert render('{{ CommonLabels }}|{{ CommonLabels.items }}|{{ CommonLabels["__class__"] }}|{{ CommonLabels.keys }}',
                  told) == "alertname=A, Z=2, __class__=3, items=1|1|3|"


def test_values_from_outside_are_escaped_and_the_authors_words_are_not() -> None:
    template = as_jinja("<!here> {{ `<@me>` }} {{ range .Alerts }}{{ .Labels.service }} {{ end }}it's", Library())
    assert render(template, TOLD, escape=escape) == "<!here> <@me> a&lt;b c it's"
    assert render("<b>{{ CommonLabels.job }}</b>{{ Alerts[0].Labels.service }}", TOLD, escape=html.escape) == (
        "<b>42</b>a&lt;b")


def test_only_html_has_a_way_around_the_escaping() -> None:
    assert render("{{ Alerts[0].Labels.service|safe }}", TOLD, escape=html.escape) == "a<b"
    assert render("{{ Alerts[0].Labels.service|safe }}", TOLD, escape=escape) == "a&lt;b"
    assert render("{{ Alerts[0].Labels.service|e }}", TOLD, escape=str) == "a&lt;b"


def test_macros_are_escaped_once() -> None:
    template = "{% macro m(a) %}<i>{{ a }}</i>{% endmacro %}{{ m(Alerts[0].Labels.service) }}"
    assert render(template, TOLD, escape=html.escape) == "<i>a&lt;b</i>"


def test_labels_are_never_templates() -> None:
    told = notification(Alert({"alertname": "{{ 7 * 7 }}{% for %}"}, START))
    assert render("{{ CommonLabels.alertname }}", told) == "{{ 7 * 7 }}{% for %}"


def test_a_template_that_fails_goes_out_plain_with_the_error() -> None:
    said = render("{{ 1 / 0 }}", TOLD, escape=escape, fallback="High is firing")
    assert said == "High is firing\n(a template of receiver team failed: ZeroDivisionError: division by zero)"
    assert render("{{ nope }}", TOLD) == "(a template of receiver team failed: UndefinedError: 'nope' is undefined)"


@pytest.mark.parametrize("template", [
    "{{ 9 ** 9 ** 9 }}", "{{ 'x' * 1000000000 }}", "{{ [1] * 1000000000 }}", "{{ '%01000000000d' % 1 }}",
    "{{ 'x'.ljust(1000000000) }}", "{{ 'x'|center(1000000000) }}", "{{ 'x'|indent(1000000000) }}",
    "{{ '%1000000000d'|format(1) }}", "{{ '{:1000000000}'.format(1) }}", "{{ printf('%1000000000d', 1) }}",
    "{% for a in range(100000000) %}{% endfor %}",
    "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}",
    "{% set n = namespace(x='xxxxxxxx') %}{% for a in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "{% set n = namespace(x=99999) %}{% for a in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{{ ''.__class__.__mro__ }}",
    "{{ Alerts.__init__.__globals__ }}", "{{ lipsum(n=1000) }}", "{{ Alerts.append(1) }}", "{{ self.__init__ }}",
    "{% include 'x' %}", "{% import 'x' as y %}",
])
def test_a_template_neither_breaks_out_nor_grows_without_end(template: str) -> None:
    with pytest.raises(TemplateError):
        rendered(template, TOLD)


def test_what_is_rendered_is_bounded() -> None:
    told = notification(Alert({"alertname": "x" * 150_000}, START))
    assert len(render("{{ CommonLabels.alertname }}" + "y" * 100_000, told)) == MOST


def test_times_and_durations_are_written_as_asked() -> None:
    told = notification(RESOLVED)
    for template, said in {
        '{{ Alerts[0].StartsAt.Format("02.01.2006 15:04") }}': "02.03.2026 10:05",
        '{{ (Alerts[0].StartsAt|tz("Europe/Berlin")).Format("15:04 MST") }}': "11:05 CET",
        "{{ Alerts[0].EndsAt.Sub(Alerts[0].StartsAt)|humanizeDuration }}": "2h 0m 0s",
        "{{ 0.0012|humanizeDuration }} {{ 90061|humanizeDuration }}": "1.2ms 1d 1h 1m 1s",
        "{{ '<&>'|toJson }}": '"\\u003c\\u0026\\u003e"',
        "{{ Alerts|toJson }}": '[{"status":"resolved","labels":{"alertname":"High","job":"42","service":"c",'
            '"severity":"warning"},"annotations":{"summary":"s2"},"startsAt":"2026-03-02T10:05:07Z",'
            f'"endsAt":"2026-03-02T12:05:07Z","fingerprint":"{RESOLVED.fingerprint}","generatorURL":"","metadata":{{}}}}]',
        "{{ CommonLabels|toJson }}": '{"alertname":"High","job":"42","service":"c","severity":"warning"}',
    }.items():
        assert render(template, told) == said


@pytest.mark.parametrize(("go", "said"), [
    ('{{ .GroupLabels.Names.Join "," }} {{ .CommonLabels.SortedPairs.Values.Join "; " }}', "alertname High; 42"),
    ('{{ (toDate "2006-01-02 15:04" "2026-03-02 10:05").Format "15:04 02.01." }}', "10:05 02.03."),
    ('{{ (toDate "2006-01-02" "soon").IsZero }}', "true"),
    ('{{ base64encode "a?b>c" }} {{ base64decode "YT9iPmM=" }}', "YT9iPmM= a?b>c"),
    ('{{ dict "a" .Status | toJson }} {{ toJson (append (list 1) 2) }}', '{"a":"firing"} [1,2]'),
    ("{{ .NotificationReason }}", "first notification"),
    ('{{ routeLabels "team" }} {{ .RouteLabels.team }} {{ routeLabels "nobody" }}|', "shop shop |"),
])
def test_functions_of_the_newest_alertmanager_are_there(go: str, said: str) -> None:
    told = replace(TOLD, reason="new")
    assert rendered(as_jinja(go, Library()), told) == said


@pytest.mark.parametrize(("reason", "said"), [
    ("new", "first notification"), ("changed", "some alerts resolved"), ("repeat", "repeat interval elapsed"),
    ("resolved", "all alerts resolved"), ("escalated", "escalated"), ("", "unknown"),
])
def test_the_reason_is_told_in_alertmanagers_words(reason: str, said: str) -> None:
    assert render("{{ NotificationReason }}", replace(TOLD, reason=reason)) == said


def test_labels_of_a_route_may_name_each_other_but_not_themselves() -> None:
    told = notification(FIRING, route_labels={
        "team": "shop", "room": "#{{ routeLabels('team') }}-{{ GroupLabels.alertname }}", "a": "{{ routeLabels('b') }}",
        "b": "{{ routeLabels('a') }}"})
    fine = replace(told, channel=replace(told.channel, options={"route_labels": {
        name: told.channel.options["route_labels"][name] for name in ("team", "room")}}))
    assert rendered("{{ RouteLabels.room }} {{ routeLabels('room') }}", fine) == "#shop-High #shop-High"
    assert rendered("{{ Status }}", told) == "firing"
    with pytest.raises(TemplateError, match="route label cycle detected: a -> b -> a"):
        rendered("{{ RouteLabels.team }}", told)


@pytest.mark.parametrize(("label", "link"), [
    ("javascript:alert(1)", "#javascript:alert(1)"), (" JaVa\tScript :x", "# JaVa\tScript :x"),
    ("data:text/html,x", "#data:text/html,x"), ("data: 5 rows", "data: 5 rows"), ("https://a/?x&y", "https://a/?x&amp;y"),
])
def test_a_label_runs_no_script_in_a_mail(label: str, link: str) -> None:
    told = notification(Alert({"alertname": label}, START))
    assert render('<a href="{{ CommonLabels.alertname }}">', told, escape=html.escape) == f'<a href="{link}">'
