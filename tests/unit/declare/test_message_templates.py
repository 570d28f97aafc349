"""Templates of messages as `check` sees them: with the file, the line and what to write instead."""

from watchbill.declare.load import load_alerting

ALERTING = """\
    templates: ["templates/*.tmpl", "none.tmpl"]
    route: {receiver: us, labels: {team: "{{ .Team }}"}}
    receivers:
      - name: us
        slack_configs:
          - channel: "#us"
            title: '{{ template "title" . }}'
            text: |
              {{ range .Alerts }}
              {{ since .StartsAt }}
              {{ end }}
            fields: [{title: a, value: "{{ Stats }}"}]
    """
KNOWN = ("known: Receiver, Status, Alerts, GroupLabels, CommonLabels, CommonAnnotations, ExternalURL, GroupKey, "
         "RouteLabels, ReceiverLabels, NotificationReason")


def test_each_mistake_is_told_with_its_line_and_the_jinja_form(include):
    include.write("alerting.yaml", ALERTING)
    include.write("templates/a.tmpl", '{{ define "title" }}\n{{ .Status | up }}{{ end }}')
    include.write("rules/shop.yaml", "groups: []")
    meant = "for how long it lasted write {{ (alert.EndsAt.Sub(alert.StartsAt))|humanizeDuration }}"
    said = "up is no function of Alertmanager's that is obeyed (write it in Jinja, as {{ Status|… }})"
    assert include.told() == [
        "warning: alerting.yaml:1: templates[1]: there is no file none.tmpl (paths are relative to the include folder)",
        f"alerting.yaml:2: route.labels.team: '.Team': there is no .Team in a message ({KNOWN})",
        "alerting.yaml:7: receivers[0].slack_configs[0].title: in the template 'title': '.Status | up': " + said,
        "alerting.yaml:10: receivers[0].slack_configs[0].text: 'since .StartsAt': since is no function of "
        f"Alertmanager's that is obeyed ({meant})",
        f"alerting.yaml:12: receivers[0].slack_configs[0].fields[0].value: `Stats` is unknown in a message ({KNOWN})",
        "templates/a.tmpl:2: '.Status | up': " + said,
    ]


def test_a_wrong_template_does_not_take_the_routing_with_it(include):
    include.write("alerting.yaml", ALERTING)
    [(channel, _)] = load_alerting(include.path, {}).channels("us")
    assert channel.options["title"] == "{{ fail(\"there is no template 'title'\") }}"


def test_template_files_give_their_templates_to_the_messages(include):
    include.write("alerting.yaml", ALERTING)
    include.write("templates/a.tmpl", '{{ define "title" }}{{ .Status }}{{ end }}')
    [(channel, _)] = load_alerting(include.path, {}).channels("us")
    assert channel.options["title"] == "{% macro t_title(dot) %}{{ dot.Status }}{% endmacro %}{{ t_title(Data) }}"


def test_numbers_and_booleans_are_text_as_they_are_written(include):
    include.write("alerting.yaml", """\
        route: {receiver: 1.10, routes: [{match: {version: 1.10, live: True, hex: 0x1F}, continue: True}]}
        receivers: [{name: 1.10}]
        """)
    alerting = load_alerting(include.path, {})
    assert (alerting.route.receiver, alerting.route.routes[0].continue_) == ("1.10", True)
    assert alerting.route.routes[0].key() == '{hex="0x1F",live="True",version="1.10"}'
