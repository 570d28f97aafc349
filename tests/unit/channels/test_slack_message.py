"""What is posted to Slack, and that it keeps Slack's limits whatever comes in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.slack.blocks import complaints, size
from tests.unit.channels.made import NASTY, alert, notification
from watchbill.channels.slack_message import escape, render
from watchbill.model.alerts import Notification


def _is_within_limits(made: Notification) -> bool:
    found = render(made)
    text, blocks = found["text"], found["blocks"]
    units = sum(2 if sign > "\uffff" else 1 for sign in text)
    return complaints(blocks) == [] and size(blocks) <= 10_000 and 0 < units <= 4_000


def test_one_alert_is_a_section_a_divider_and_its_metadata_as_fields() -> None:
    assert render(notification(alert(metadata={"value": 212, "tags": ["a"], "host": "web-1"}))) == {
        "text": "[CRITICAL] Checkout fails\n212 errors a minute",
        "blocks": [
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": "*[CRITICAL] Checkout fails*\n212 errors a minute"},
            },
            {"type": "divider"},
            {
                "type": "section",
                "fields": [
                    {"type": "mrkdwn", "text": "*value:*\n212"},
                    {"type": "mrkdwn", "text": '*tags:*\n["a"]'},
                    {"type": "mrkdwn", "text": "*host:*\nweb-1"},
                ],
            },
        ],
    }


def test_an_alert_without_metadata_has_no_empty_section() -> None:
    """Slack refuses a section with no fields."""
    assert [block["type"] for block in render(notification(alert(metadata={})))["blocks"]] == ["section"]


def test_a_resolved_alert_is_marked() -> None:
    found = render(notification(alert(status="resolved")))
    assert found["text"].startswith("[RESOLVED] Checkout fails\n")
    assert found["blocks"][0]["text"]["text"].startswith("*[RESOLVED] Checkout fails*\n")


def test_several_alerts_are_a_summary_and_a_section_each_firing_first() -> None:
    found = render(notification(
        alert("Old", "was bad", status="resolved", metadata={}),
        alert("New", "is bad", "warning", metadata={"value": 3}),
    ))
    assert found == {
        "text": "[WARNING] 1 firing, 1 resolved: HighErrorRate service=checkout\n"
                "[WARNING] New\n[RESOLVED] Old",
        "blocks": [
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "*[WARNING] 1 firing, 1 resolved: HighErrorRate service=checkout*",
                },
            },
            {"type": "divider"},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*[WARNING] New*\nis bad\nvalue: 3"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*[RESOLVED] Old*\nwas bad"}},
        ],
    }


def test_alerts_beyond_the_limit_are_counted() -> None:
    blocks = render(notification(*[alert(message="m" * 5_000)] * 100))["blocks"]
    assert blocks[-1]["elements"] == [{"type": "mrkdwn", "text": "and 60 more"}]
    assert len(blocks) <= 50
    assert size(blocks) <= 10_000


def test_metadata_beyond_the_limit_is_counted() -> None:
    blocks = render(notification(alert(metadata={f"k{at}": at for at in range(100)})))["blocks"]
    assert blocks[-1]["fields"][-1]["text"] == "and 61 more"


def test_a_text_cannot_mention_anybody() -> None:
    found = str(render(notification(alert("<!channel>", "<@U1> <!here>", metadata={"<!k>": "<!everyone>"}))))
    assert "<" not in found
    assert ">" not in found


def test_only_three_signs_are_escaped() -> None:
    assert escape("a & b < c > d *e* _f_ `g` \"h\"") == "a &amp; b &lt; c &gt; d *e* _f_ `g` \"h\""


def test_an_escaped_sign_is_not_cut_in_two() -> None:
    text = render(notification(alert(message="&" * 9_000)))["text"]
    assert text.removesuffix("…").endswith("&amp;")


@pytest.mark.parametrize("nasty", NASTY)
def test_slack_takes_whatever_an_alert_says(nasty: str) -> None:
    metadata = {nasty[:1_000]: nasty, "list": [nasty]} | dict.fromkeys("abcdefghijkl", nasty[:5_000])
    made = alert(nasty, nasty, metadata=metadata)
    assert _is_within_limits(notification(made))
    assert _is_within_limits(notification(*[made] * 10, *[alert(nasty, nasty[:9_000])] * 50))


_PARTS = st.tuples(st.text(), st.text(), st.dictionaries(st.text(), st.text()))


@given(st.lists(_PARTS, min_size=1, max_size=60))
def test_slack_takes_any_alerts(parts: list[tuple[str, str, dict[str, str]]]) -> None:
    assert _is_within_limits(notification(*(alert(a, b, metadata=c) for a, b, c in parts)))


def test_where_to_go_from_here_stands_below_and_what_is_no_plain_address_stays_text() -> None:
    linked = alert(metadata={}, runbook_url="https://runbooks.example.com/a?b=1&c=2")
    foot = render(notification(linked, base_url="https://airflow.example.com"))["blocks"][-1]
    texts = [each["text"] for each in foot["elements"]]
    assert foot["type"] == "context"
    assert texts[0].startswith("<https://airflow.example.com/watchbill/acknowledge?fingerprint=")
    assert texts[0].endswith("|Acknowledge>")
    assert texts[-1] == "<https://runbooks.example.com/a?b=1&amp;c=2|Runbook>"
    for nasty in ("javascript:alert(1)", "https://a|<!channel>", "https://a b", "http://a>*x*"):
        found = render(notification(alert(metadata={}, runbook_url=nasty)))["blocks"]
        assert [block["type"] for block in found] == ["section", "divider", "section"]
        assert "<" not in str(found)


def test_links_count_into_the_limit_of_all_blocks() -> None:
    long = "https://example.com/" + "x" * 1_900
    many = notification(*[alert(message="m" * 5_000, labels={"host": str(at)}, runbook_url=long, dashboard_url=long)
                          for at in range(100)], base_url="https://airflow.example.com")
    assert _is_within_limits(many)


def test_what_a_picture_is_drawn_from_is_no_field() -> None:
    blocks = render(notification(alert(metadata={"graph": {"series": []}, "value": 3})))["blocks"]
    assert [field["text"] for field in blocks[-1]["fields"]] == ["*value:*\n3"]


@pytest.mark.parametrize("said", ["@here", "ask @channel now", "(@everyone)", "@ann.lee"])
def test_a_name_behind_an_at_is_no_mention_and_mail_addresses_stay(said: str) -> None:
    made = notification(alert(said, said, metadata={said: said}, labels={"host": said}))
    found = json.dumps(render(made), ensure_ascii=False)
    assert said.replace("@", "@\u2060") in found
    assert said not in found
    assert "ops@here.example" in str(render(notification(alert("ops@here.example"))))


def test_an_address_of_a_link_stays_as_it_is() -> None:
    foot = render(notification(alert(runbook_url="https://example.com/@team/page")))["blocks"][-1]
    assert foot["elements"][-1]["text"] == "<https://example.com/@team/page|Runbook>"
