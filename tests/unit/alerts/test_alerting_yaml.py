"""include/alerting.yaml: what amtool refuses is refused, and so is what would not be obeyed."""

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
            refused = case["error"] is not None or "labels:" in case["config_yaml"]  # no labels on routes yet
            if refused:
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
])
def test_credentials_are_refused_with_the_way_to_a_connection(text: str, loc: tuple[str, ...]) -> None:
    [error] = _errors(ROUTE + text)
    assert error["loc"] == loc
    assert "use an Airflow connection" in error["msg"]


@pytest.mark.parametrize("text", [
    "templates: ['*.tmpl']", "silences: []",
])
def test_what_is_not_obeyed_is_refused(text: str) -> None:
    assert len(_errors(ROUTE + text)) == 1


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
