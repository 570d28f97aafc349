"""include/alerting.yaml: what amtool refuses is refused, and so is what would not be obeyed."""

from datetime import timedelta
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from tests.unit.alerts.cases import load
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Channel

ROUTE = "route: {receiver: ops}\nreceivers: [{name: ops}]\n"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:watchbill-alerts"


def _errors(text: str) -> list[dict[str, Any]]:
    with pytest.raises(ValidationError) as caught:
        Alerting.model_validate(yaml.safe_load(text))
    return [dict(error) for error in caught.value.errors()]


@pytest.mark.cases
def test_what_alertmanager_refuses_is_refused() -> None:
    for cases in load("config_lint_cases.json"):
        for case in cases["cases"]:
            if case["error"] is not None:
                assert _errors(case["config_yaml"]), case["test"]
            else:
                Alerting.model_validate(yaml.safe_load(case["config_yaml"]))


def test_a_receiver_names_its_channels_and_their_connections() -> None:
    alerting = Alerting.model_validate(yaml.safe_load(f"""
        global: {{smtp_from: watchbill@example.com}}
        route: {{receiver: ops}}
        receivers:
        - name: ops
          slack_configs: [{{channel: "#alerts", send_resolved: true}}, {{channel: "#alerts"}}]
          email_configs: [{{to: "a@example.com, b@example.com"}}]
          sns_configs: [{{topic_arn: {TOPIC}, connection: aws_other}}]
    """))
    assert alerting.channels("ops") == (
        (Channel("slack", "#alerts", "slack_api_default"), False),
        (Channel("email", "a@example.com, b@example.com", "aws_default", {"from": "watchbill@example.com"}), False),
        (Channel("sns", TOPIC, "aws_other"), True))


@pytest.mark.parametrize(("text", "loc"), [
    ("global: {slack_api_url: 'https://hooks.slack.com/x'}", ("global", "slack_api_url")),
    ("global: {smtp_auth_password: x}", ("global", "smtp_auth_password")),
    ("global: {slack_app_token_file: x}", ("global", "slack_app_token_file")),
])
def test_credentials_are_refused_with_the_way_to_a_connection(text: str, loc: tuple[str, ...]) -> None:
    [error] = _errors(ROUTE + text)
    assert error["loc"] == loc
    assert "use an Airflow connection" in error["msg"]


@pytest.mark.parametrize("text", [
    "silences: []", "tracing: {}",
])
def test_what_is_not_obeyed_is_refused(text: str) -> None:
    assert len(_errors(ROUTE + text)) == 1


@pytest.mark.parametrize(("steps", "says"), [
    ("[{after: 10m, receiver: ops}, {after: 10m, receiver: ops}]", "each step comes later than the one before: 10m"),
    ("[{after: 0s, receiver: ops}]", "each step comes later than the one before: 0s"),
    ("[{after: soon, receiver: ops}]", "'soon' is no duration"),
    ("[{after: 10m}]", "Field required"),
    ("[{after: 10m, receiver: ops, repeat: true}]", "Extra inputs are not permitted"),
])
def test_steps_of_escalation_that_cannot_be_are_refused(steps: str, says: str) -> None:
    [error] = _errors(f"route: {{receiver: ops, escalations: {steps}}}\nreceivers: [{{name: ops}}]")
    assert says in error["msg"]


def test_a_step_of_escalation_to_nobody_is_named_with_its_place() -> None:
    steps = "[{after: 10m, receiver: ops}, {after: 20m, receiver: boss}]"
    [error] = _errors(f"route: {{receiver: ops, routes: [{{escalations: {steps}}}]}}\nreceivers: [{{name: ops}}]")
    assert error["ctx"]["at"] == ("route", "routes", 0, "escalations", 1, "receiver")
    assert error["msg"] == "undefined receiver 'boss' used in escalation; there is ops"


INTERVALS = "time_intervals: [{name: night, time_intervals: [{times: [{start_time: '00:00', end_time: '06:00'}]}]}]\n"


@pytest.mark.parametrize("key", ["mute_time_intervals", "active_time_intervals"])
def test_a_time_interval_that_is_not_declared_is_named_with_its_place(key: str) -> None:
    route = f"route: {{receiver: ops, routes: [{{{key}: [night, nigth]}}]}}\n"
    [error] = _errors(INTERVALS + route + "receivers: [{name: ops}]")
    assert error["ctx"]["at"] == ("route", "routes", 0, key, 1)
    assert error["msg"] == "undefined time interval 'nigth' used in route; there is night"


@pytest.mark.parametrize("key", ["mute_time_intervals", "active_time_intervals"])
def test_the_root_route_is_never_mute(key: str) -> None:
    [error] = _errors(f"{INTERVALS}route: {{receiver: ops, {key}: [night]}}\nreceivers: [{{name: ops}}]")
    assert error["ctx"]["at"] == ("route", key)


@pytest.mark.parametrize(("first", "second", "says"), [
    ("mute_time_intervals", "time_intervals", "time interval 'night' is not unique"),
    ("time_intervals", "mute_time_intervals", "time interval 'night' is not unique"),
])
def test_old_and_new_time_intervals_share_their_names(first: str, second: str, says: str) -> None:
    [error] = _errors(ROUTE + f"{first}: [{{name: night}}]\n{second}: [{{name: night}}]")
    assert error["ctx"]["at"] == ("time_intervals", 0, "name")
    assert error["msg"] == says


def test_an_unknown_receiver_is_named_with_its_place() -> None:
    [error] = _errors("route: {receiver: ops, routes: [{receiver: opps}]}\nreceivers: [{name: ops}]")
    assert error["ctx"]["at"] == ("route", "routes", 0, "receiver")
    assert error["msg"] == "undefined receiver 'opps' used in route; there is ops"


def test_values_that_yaml_takes_for_numbers_are_text() -> None:
    alerting = Alerting.model_validate(yaml.safe_load(
        "route: {receiver: ops, routes: [{match: {shard: 2, live: true}}]}\nreceivers: [{name: ops}]"))
    assert alerting.route.routes[0].key() == '{live="true",shard="2"}'


@pytest.mark.parametrize("text", ["matchers: ['a=~\"[\"']", "match_re: {a: '['}", "matchers: severity=x"])
def test_a_matcher_that_cannot_be_read_is_refused_where_it_stands(text: str) -> None:
    [error] = _errors(f"route: {{receiver: ops, routes: [{{{text}}}]}}\nreceivers: [{{name: ops}}]")
    assert error["loc"][:3] == ("route", "routes", 0)


SLACK = "route: {receiver: ops}\nreceivers: [{name: ops, slack_configs: [{channel: '#ops', %s}]}]"
EMAIL = "route: {receiver: ops}\nreceivers: [{name: ops, email_configs: [{to: a@example.com, %s}]}]"
SNS = f"route: {{receiver: ops}}\nreceivers: [{{name: ops, sns_configs: [{{topic_arn: '{TOPIC}', %s}}]}}]"


def _options(text: str) -> Any:
    [(channel, _)] = Alerting.model_validate(yaml.safe_load(text)).channels("ops")
    return channel.options


def test_a_slack_message_takes_the_words_of_alertmanager_in_jinja() -> None:
    assert _options(SLACK % """
        title: '{{ .Status | toUpper }}', text: '{{ CommonAnnotations.summary }}', color: danger, short_fields: yes,
        title_link: 'https://example.com', username: bot, icon_emoji: ':fire:', mrkdwn_in: [text], link_names: true,
        fields: [{title: Team, value: '{{ .CommonLabels.team }}', short: false}],
        actions: [{type: button, text: Runbook, url: '{{ (index .Alerts 0).Annotations.runbook }}'}],
        message_strategy: thread, update_message: null""") == {
        "title": "{{ Status|upper }}", "text": "{{ CommonAnnotations.summary }}", "color": "danger",
        "short_fields": True, "title_link": "https://example.com", "username": "bot", "icon_emoji": ":fire:",
        "mrkdwn_in": ["text"], "link_names": True,
        "fields": [{"title": "Team", "value": "{{ CommonLabels.team }}", "short": False}],
        "actions": [{"type": "button", "text": "Runbook", "url": "{{ Alerts[0].Annotations.runbook }}"}]}


@pytest.mark.parametrize("text", ["message_strategy: new", "update_message: false"])
def test_a_new_message_each_time_can_be_asked_for_in_both_ways(text: str) -> None:
    assert _options(SLACK % text) == {"update_message": False}


def test_mail_and_topics_take_the_words_of_alertmanager_in_jinja() -> None:
    assert _options(EMAIL % "headers: {subject: '{{ .Status }}', X-Team: shop}, html: '', text: '{{ .Status }}'") == {
        "from": "", "headers": {"Subject": "{{ Status }}", "X-Team": "shop"}, "html": "", "text": "{{ Status }}"}
    assert _options(SNS % "subject: '{{ .Status }}', message: x, attributes: {team: '{{ .CommonLabels.team }}'}") == {
        "subject": "{{ Status }}", "message": "x", "attributes": {"team": "{{ CommonLabels.team }}"}}


def test_what_only_names_alertmanagers_own_template_is_left_to_ours() -> None:
    assert _options(EMAIL % "html: '{{ template \"email.default.html\" . }}', text: x") == {"from": "", "text": "x"}


def test_a_template_that_cannot_be_used_fails_only_when_it_is_rendered() -> None:
    assert _options(SLACK % "title: '{{ .Nope }}', text: ok") == {
        "title": "{{ fail(\"'.Nope': there is no .Nope in a message\") }}", "text": "ok"}


def test_labels_of_a_receiver_come_with_each_of_its_channels() -> None:
    text = "route: {receiver: ops}\nreceivers: [{name: ops, labels: {team: shop}, slack_configs: [{channel: '#a'}]}]"
    assert _options(text) == {"receiver_labels": {"team": "shop", "name": "ops"}}


@pytest.mark.parametrize(("text", "message"), [
    (SLACK % "http_config: {proxy_url: x}", "write them into the Extra of the Airflow connection"),
    (SLACK % "actions: [{type: button, text: x}]", "Field required"),
    (SLACK % "actions: [{type: button, url: x}]", "Field required"),
    (SLACK % "fields: [{title: x}]", "Field required"),
    (SLACK % "fields: [{title: '', value: x}]", "is empty"),
    (SLACK % "message_strategy: often", "'new', 'update' or 'thread'"),
    (SLACK % "message_strategy: thread, update_message: true", "contradicts message_strategy 'thread': keep one"),
    (SLACK % "callback_id: x", "no application of Watchbill's answers to this"),
    (EMAIL % "smarthost: 'localhost:25'", "mail goes through Amazon SES"),
    (EMAIL % "require_tls: false", "mail goes through Amazon SES"),
    (EMAIL % "auth_password: x", "use an Airflow connection"),
    (EMAIL % "headers: {subject: a, Subject: b}", "duplicate header 'Subject' in email config"),
    (EMAIL % "headers: {'a b': c}", "is no name of a mail's header"),
    (EMAIL % "headers: {bcc: c}", "receivers stand in `to`"),
    (SNS % "phone_number: '+491234'", "subscribe the phone or the endpoint to a topic"),
    (SNS % "sigv4: {region: x}", "use an Airflow connection"),
    (ROUTE.replace("name: ops", "name: ops, webhook_configs: [{url: x}]"), "sends to Slack channels, mail addresses"),
    (ROUTE.replace("name: ops", "name: ops, pagerduty_configs: [{}]"), "sends to Slack channels, mail addresses"),
    (ROUTE + "global: {opsgenie_api_key: x}", "sends to Slack channels, mail addresses"),
    (ROUTE.replace("name: ops", "name: ops, labels: {-x: y}"), "invalid label name '-x' in receiver labels"),
    (ROUTE + "inhibit_rules: [{equal: ['-x']}]", "invalid label name '-x' in equal list"),
    ("route: {receiver: ops, routes: [{match: {a.b: c}}]}\nreceivers: [{name: ops}]", "invalid label name 'a.b'"),
    ("route: {receiver: ops, routes: [{match_re: {a: null}}]}\nreceivers: [{name: ops}]", "valid string"),
])
def test_keys_that_have_no_place_here_are_refused_with_the_way_out(text: str, message: str) -> None:
    [error] = _errors(text)
    assert message in error["msg"]


def test_keys_without_a_value_count_as_absent() -> None:
    alerting = Alerting.model_validate(yaml.safe_load(
        "global:\nroute: {receiver: ops, group_by: null, match: null, routes: [{matchers: null, match: {a: null}}]}\n"
        "receivers: [{name: ops, slack_configs: null, labels: null}]\ninhibit_rules:\ntemplates:"))
    assert alerting.route.routes[0].key() == '{a=""}'


def test_a_zero_needs_no_unit() -> None:
    text = "route: {receiver: ops, group_wait: 0}\nreceivers: [{name: ops}]"
    assert Alerting.model_validate(yaml.safe_load(text)).route.group_wait == timedelta(0)


def test_groups_may_be_made_by_tags_and_dimensions_of_any_usual_name() -> None:
    route = Alerting.model_validate(yaml.safe_load(
        "route: {receiver: ops, group_by: [kube.namespace, team-name, 'aws:group', Größe, 'Job Name']}\n"
        "receivers: [{name: ops}]")).route
    assert route.group_by == ("kube.namespace", "team-name", "aws:group", "Größe", "Job Name")
