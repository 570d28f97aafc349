"""Links out of a message: forms that are filled, and what annotations point to."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from watchbill.model.alerts import Alert, Channel, Notification
from watchbill.model.links import LONGEST, Link, alert_links, links
from watchbill.model.matcher_text import parse_matchers

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
BASE = "https://airflow.example.com/prod/"


def alert(status: Any = "firing", annotations: dict[str, str] | None = None, **labels: str) -> Alert:
    return Alert({"alertname": "Errors", **labels}, AT, status=status, annotations=annotations or {})


def message(*alerts: Alert) -> Notification:
    return Notification("1", "{}:{}", {}, "ops", "firing", alerts, Channel("slack", "#ops", "slack_api_default"))


def query(link: Link) -> dict[str, list[str]]:
    return parse_qs(urlsplit(link.url).query)


def test_a_message_links_to_forms_for_all_that_fires_in_it() -> None:
    one, two = alert(service="a", team="shop"), alert(service="b", team="shop")
    acknowledge, silence = links(message(one, two, alert("resolved", service="c")), BASE)
    assert acknowledge.url.startswith("https://airflow.example.com/prod/watchbill/acknowledge?")
    assert query(acknowledge) == {"fingerprint": sorted([one.fingerprint, two.fingerprint])}
    assert silence.url.startswith("https://airflow.example.com/prod/watchbill/silence?")
    assert query(silence) == {"matcher": ['alertname="Errors"', 'team="shop"']}
    assert (acknowledge.text, silence.text) == ("Acknowledge", "Silence")


def test_an_alert_links_to_forms_of_its_own() -> None:
    one = alert(service='a"b\\c\n')
    acknowledge, silence = alert_links(one, BASE)
    assert query(acknowledge) == {"fingerprint": [one.fingerprint]}
    matchers = [matcher for text in query(silence)["matcher"] for matcher in parse_matchers(text)]
    assert all(matcher.matches(one.labels) for matcher in matchers)


def test_resolved_messages_and_those_without_an_airflow_have_no_forms() -> None:
    assert links(message(alert("resolved")), BASE) == ()
    assert links(message(alert()), "") == ()


def test_a_form_that_would_be_too_long_is_empty() -> None:
    silence = links(message(alert(text="ü" * 1000)), BASE)[1]
    assert silence.url == "https://airflow.example.com/prod/watchbill/silence"
    many = links(message(*(alert(service=str(each)) for each in range(200))), BASE)[0]
    assert many.url == "https://airflow.example.com/prod/watchbill/acknowledge"
    assert len(many.url) <= LONGEST


def test_a_label_that_is_no_unicode_is_no_error() -> None:
    assert "text%3D%22%3F%22" in links(message(alert(text="\ud800")), BASE)[1].url


def test_annotations_that_all_alerts_share_are_links() -> None:
    runbook = {"runbook_url": "https://wiki.example.com/errors", "graph_url": "https://graphs.example.com/a?b=c&d"}
    found = links(message(alert(annotations=runbook, service="a"), alert(service="b")))
    assert [(link.purpose, link.text, link.url) for link in found] == [
        ("runbook", "Runbook", "https://wiki.example.com/errors"),
        ("graph", "Graph", "https://graphs.example.com/a?b=c&d")]
    other = {"runbook_url": "https://wiki.example.com/other"}
    assert links(message(alert(annotations=runbook), alert(annotations=other)))[0].purpose == "graph"


@pytest.mark.parametrize("url", [
    "javascript:alert(1)", "wiki/errors", "https://", "https://a b", "https://a/\n<!channel>", "https://a|b", "ftp://a",
    "https://[", "https://a/\u202e", f"https://a/{'x' * 3000}",
])
def test_what_is_no_plain_web_address_is_no_link(url: str) -> None:
    assert alert_links(alert(annotations={"runbook_url": url})) == ()


def test_the_log_of_a_failed_task_is_a_link() -> None:
    failed = Alert({"alertname": "AirflowTaskFailed"}, AT, metadata={"log": "https://airflow.example.com/dags/x"})
    assert [link.purpose for link in alert_links(failed)] == ["log"]
