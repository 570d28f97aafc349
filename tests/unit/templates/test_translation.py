"""Go's templates in Jinja: what they become, and what is said of those that cannot become anything."""

import pytest

from watchbill.model.templates.go_lexer import TemplateError
from watchbill.model.templates.reading import Library, as_jinja

DATA = ("Receiver, Status, Alerts, GroupLabels, CommonLabels, CommonAnnotations, ExternalURL, GroupKey, RouteLabels, "
        "ReceiverLabels, NotificationReason")


@pytest.mark.parametrize(("go", "jinja"), [
    ("{{ .CommonLabels.severity }}", "{{ CommonLabels.severity }}"),
    ("{{ .Status | toUpper }}", "{{ Status|upper }}"),
    ("{{ range .Alerts }}{{ .Labels.host }}{{ end }}", "{% for alert in Alerts %}{{ alert.Labels.host }}{% endfor %}"),
    ("{{ range .Alerts.Firing }}a{{ else }}b{{ end }}", "{% for alert in Alerts.Firing %}a{% else %}b{% endfor %}"),
    ("{{ range .CommonLabels.SortedPairs }}{{ .Name }}{{ end }}",
     "{% for pair in CommonLabels.SortedPairs %}{{ pair.Name }}{% endfor %}"),
    ("{{ if eq .Status `firing` }}a{{ else }}b{{ end }}", '{% if Status == "firing" %}a{% else %}b{% endif %}'),
    ("{{ len .Alerts.Firing }}", "{{ Alerts.Firing|length }}"),
    ("{{ .GroupLabels.Values | join `, ` }}", '{{ GroupLabels.Values|join(", ") }}'),
    ("{{ $name := .Receiver }}{{ $name }}", "{% set name = Receiver %}{{ name }}"),
    ("{{ template `t` . }}{{ define `t` }}{{ .Status }}{{ end }}",
     "{% macro t_t(dot) %}{{ dot.Status }}{% endmacro %}{{ t_t(Data) }}"),
])
def test_common_expressions_become_readable_jinja(go: str, jinja: str) -> None:
    assert as_jinja(go, Library()) == jinja


@pytest.mark.parametrize("text", [
    "plain", "{{ Status }} {{ CommonLabels.severity|upper }}", "{% for a in Alerts %}{{ a.Labels.host }}{% endfor %}",
    "{# a comment #}{{ Alerts|length }}", "{{ 'firing' if Alerts.Firing else 'over' }}", "100% {# of it",
])
def test_jinja_and_plain_text_stay_as_they_are(text: str) -> None:
    assert as_jinja(text, Library()) == text


@pytest.mark.parametrize(("text", "line", "problem", "fix"), [
    ("\n{{ .Foo }}", 2, "'.Foo': there is no .Foo in a message", f"known: {DATA}"),
    ("{{ range .Alerts }}\n{{ .CommonLabels.x }}{{ end }}", 2,
     "'.CommonLabels.x': there is no .CommonLabels in an alert", "did you mean .Labels?"),
    ("{{ range .CommonLabels.Names }}{{ .Status }}{{ end }}", 1, "'.Status': there is no .Status in a text",
     "$ is the whole message: write $.CommonLabels"),
    ("{{ toupper .Status }}", 1, "'toupper .Status': toupper is no function of Alertmanager's that is obeyed",
     "did you mean toUpper?"),
    ("{{ range .Alerts }}{{ since .StartsAt }}{{ end }}", 1,
     "'since .StartsAt': since is no function of Alertmanager's that is obeyed",
     "for how long it lasted write {{ (alert.EndsAt.Sub(alert.StartsAt))|humanizeDuration }}"),
    ("{{ .Status | quux }}", 1, "'.Status | quux': quux is no function of Alertmanager's that is obeyed",
     "write it in Jinja, as {{ Status|… }}"),
    ("{{ template `slack.default.titel` . }}", 1, "there is no template 'slack.default.titel'",
     "did you mean 'slack.default.title'?"),
    ("{{ .Status | join }}", 1, "'.Status | join': join takes 2 arguments, not 1", ""),
    ("a\nb {{ if .Status }}", 2, "{{ end }} is missing", ""),
    ("{{ end }}", 1, "{{ end }} belongs to nothing", ""),
    ("{{ .Status", 1, "an action is not closed: }} is missing", ""),
    ("{{ .Status ! }}", 1, "'!' cannot stand in an action", ""),
    ("{{ $x }}", 1, "the variable $x is nowhere set", "write $x := … before"),
    ("{{ Stats }}", 1, "`Stats` is unknown in a message", f"known: {DATA}"),
    ("x\n{% for a in Alerts %}", 2, "is no Jinja template: Unexpected end of template. Jinja was looking for the "
     "following tags: 'endfor' or 'else'. The innermost block that needs to be closed is 'for'.", ""),
])
def test_what_cannot_be_translated_is_told_with_its_line(text: str, line: int, problem: str, fix: str) -> None:
    with pytest.raises(TemplateError) as caught:
        as_jinja(text, Library())
    assert (caught.value.line, caught.value.problem, caught.value.fix) == (line, problem, fix)


def test_template_files_define_for_all_and_the_last_one_wins() -> None:
    library = Library().with_file('{{ define "__alertmanager" }}ours{{ end }}')
    assert as_jinja('{{ template "__alertmanager" . }}', library) == (
        "{% macro t___alertmanager(dot) %}ours{% endmacro %}{{ t___alertmanager(Data) }}")


def test_a_template_file_may_hold_macros_of_jinja() -> None:
    library = Library().with_file("words\n{% macro link(text) %}<{{ ExternalURL }}|{{ text }}>{% endmacro %}\n")
    assert as_jinja("{{ link(Status) }}", library) == (
        "{% macro link(text) %}<{{ ExternalURL }}|{{ text }}>{% endmacro %}{{ link(Status) }}")
    assert as_jinja("{{ Status }}", library) == "{{ Status }}"


def test_a_file_that_cannot_be_read_is_told_with_its_line() -> None:
    with pytest.raises(TemplateError) as caught:
        Library().with_file('{{ define "a" }}\n{{ if }}{{ end }}{{ end }}')
    assert (caught.value.line, caught.value.problem) == (2, "something is missing in an action")
