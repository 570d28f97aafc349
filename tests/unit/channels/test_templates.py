"""A receiver's own words, in each channel: filled in, escaped for where they go, and inside its limits."""

from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from sandbox.slack.blocks import complaints, size
from tests.unit.channels.made import NASTY, TOPIC, alert, notification
from watchbill.channels.email_message import compose
from watchbill.channels.slack_message import render
from watchbill.channels.slack_template import cut, poster
from watchbill.channels.sns_message import ALL_BYTES, arguments
from watchbill.model.alerts import Alert, Notification, Picture


def slack(*alerts: Alert, **options: Any) -> dict[str, Any]:
    return render(notification(*alerts, options=options))


def texts(message: Mapping[str, Any]) -> list[str]:
    return [block["text"]["text"] for block in message["blocks"] if block["type"] == "section" and "text" in block]


def test_a_title_and_a_text_stand_where_ours_would() -> None:
    found = slack(title="{{ Status | upper }}: {{ CommonLabels.service }}", text="*{{ Alerts | length }}* of them",
                  title_link="https://example.com/a?b={{ CommonLabels.service }}&c=1")
    assert texts(found) == ["*<https://example.com/a?b=checkout&c=1|FIRING: checkout>*\n*1* of them"]
    assert [block["type"] for block in found["blocks"]] == ["section", "divider", "section"]


def test_what_is_not_written_stays_ours() -> None:
    assert texts(slack(title="Mine")) == ["*Mine*\n212 errors a minute"]
    assert texts(slack(text="Mine")) == ["*[CRITICAL] Checkout fails*\nMine"]
    two = slack(alert(), alert("Other", labels={"service": "b"}), text="Mine")
    assert texts(two) == ["*[CRITICAL] 2 firing: HighErrorRate service=checkout*\nMine"]


def test_every_other_word_of_slack_has_its_place() -> None:
    found = slack(
        pretext="before", message_text="first", footer="{{ Receiver }}", image_url="https://example.com/i.png",
        thumb_url="https://example.com/t.png", fields=[{"title": "who", "value": "{{ CommonLabels.service }}"}],
        actions=[{"type": "button", "text": "Look", "url": "https://example.com/{{ CommonLabels.service }}",
                  "style": "danger"}, {"type": "button", "text": "Not", "url": "javascript:alert(1)"}],
        fallback="on a phone", color="danger")
    assert found["text"] == ""
    [attachment] = found["attachments"]
    assert (attachment["color"], attachment["fallback"]) == ("danger", "on a phone")
    found = attachment
    assert complaints(found["blocks"]) == []
    assert [block["type"] for block in found["blocks"]] == [
        "section", "section", "section", "divider", "section", "image", "actions", "context"]
    assert texts(found)[:2] == ["first", "before"]
    assert found["blocks"][4]["fields"] == [{"type": "mrkdwn", "text": "*who*\ncheckout"}]
    [button] = found["blocks"][6]["elements"]
    assert (button["url"], button["style"]) == ("https://example.com/checkout", "danger")
    assert found["blocks"][7]["elements"] == [{"type": "mrkdwn", "text": "ops"}]


def test_a_name_and_a_face_are_for_posting() -> None:
    made = notification(options={"username": "{{ Receiver }}", "icon_emoji": ":fire:", "link_names": True})
    assert poster(made) == {"username": "ops", "icon_emoji": ":fire:", "link_names": True}
    assert poster(notification()) == {}


@pytest.mark.parametrize("nasty", NASTY)
def test_in_slack_labels_cannot_break_out_of_a_template(nasty: str) -> None:
    said = "{% for one in Alerts %}{{ one.Annotations.description }}{% endfor %}"
    found = slack(alert(nasty, nasty), title="{{ CommonAnnotations.summary }}", text=said, pretext=said, footer=said,
                  fields=[{"title": said, "value": said}] * 12, title_link=said, image_url=said, color=said,
                  actions=[{"type": "button", "text": said, "url": said}])
    assert complaints(found["blocks"]) == []
    assert size(found["blocks"]) <= 10_000
    assert "<!" not in str(found)
    assert "<@" not in str(found)


def test_a_template_that_fails_leaves_our_words_and_says_so() -> None:
    [text] = texts(slack(text="{{ 1 / 0 }}"))
    assert text.startswith("*[CRITICAL] Checkout fails*\n212 errors a minute\n(a template of receiver ops failed: ")


@pytest.mark.parametrize(("text", "kept"), [
    ("a&amp;b", "a&amp;b"), ("aaa&amp;b", "aaa…"), ("aaaa&amp;", "aaaa…"), ("a<https://x|y>", "a…"),
    ("🔥🔥🔥🔥🔥", "🔥🔥🔥…"),
])
def test_a_text_is_not_cut_inside_of_a_sign_or_a_link(text: str, kept: str) -> None:
    assert cut(text, 7) == kept


def mail(*alerts: Alert, picture: Picture | None = None, **options: Any) -> EmailMessage:
    made = notification(*alerts, kind="email", target="ops@example.com", options=options, picture=picture)
    parsed = message_from_bytes(compose(made, "watchbill@example.com").as_bytes(), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def body(found: EmailMessage, kind: str) -> str:
    part = found.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_has_the_receivers_subject_headers_text_and_page() -> None:
    found = mail(alert("a<b"), headers={"Subject": "{{ Status }}: {{ CommonAnnotations.summary }}", "X-Team": "shop",
                                        "Reply-To": "team@example.com"},
                 text="{{ CommonAnnotations.summary }}", html="<body><b>{{ CommonAnnotations.summary }}</b></body>",
                 picture=Picture(b"\x89PNG", "graph"))
    assert (found["Subject"], found["X-Team"], found["Reply-To"]) == ("firing: a<b", "shop", "team@example.com")
    assert body(found, "plain") == "a<b\n"
    assert body(found, "html").startswith("<body><b>a&lt;b</b><p")
    assert '<img src="cid:' in body(found, "html")


def test_a_mail_without_a_page_is_plain_text() -> None:
    assert mail(html="").get_content_type() == "text/plain"


@pytest.mark.parametrize("nasty", NASTY)
def test_in_a_mail_labels_can_neither_add_a_header_nor_html(nasty: str) -> None:
    said = "{{ CommonAnnotations.summary }}"
    found = mail(alert(nasty), headers={"Subject": said, "X-Team": said}, text=said, html=said)
    assert set(found.keys()) - {"X-Team"} == {
        "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}
    assert "<script" not in body(found, "html")


def sns(*alerts: Alert, **options: Any) -> dict[str, Any]:
    return arguments(notification(*alerts, kind="sns", target=TOPIC, options=options))


def test_a_topic_gets_the_receivers_subject_message_and_attributes() -> None:
    found = sns(subject="{{ Status }}", message="{{ CommonLabels.service }}: {{ CommonAnnotations.summary }}",
                attributes={"team": "{{ CommonLabels.service }}", "empty": "{{ CommonLabels.nothing }}", "AWS.x": "no"})
    assert (found["Subject"], found["Message"]) == ("firing", "checkout: Checkout fails")
    assert {name: each["StringValue"] for name, each in found["MessageAttributes"].items()} == {
        "type": "metric", "severity": "critical", "team": "checkout"}


@pytest.mark.parametrize("nasty", NASTY)
def test_a_topic_takes_whatever_labels_say(nasty: str) -> None:
    said = "{{ CommonAnnotations.summary }}"
    found = sns(alert(nasty), subject=said, message=said, attributes={f"a{at}": said for at in range(20)})
    assert 0 < len(found["Subject"]) < 100
    assert found["Subject"].isascii()
    assert found["Subject"].isprintable()
    assert 0 < len(found["Message"].encode()) <= ALL_BYTES
    assert len(found["MessageAttributes"]) <= 10
    assert all(each["StringValue"] for each in found["MessageAttributes"].values())


def test_ten_thousand_labels_and_a_megabyte_of_annotation_fit_everywhere() -> None:
    labels = {f"label_{at}": "v" * 50 for at in range(10_000)}
    huge = alert("t" * 1_000_000, "d" * 1_000_000, labels=labels, metadata={f"k{at}": "x" * 500 for at in range(1_000)})
    made: Notification = notification(huge, base_url="https://airflow.example.com")
    assert complaints(render(made)["blocks"]) == []
    assert size(render(made)["blocks"]) <= 10_000
    assert len(compose(notification(huge, kind="email", target="a@b.example"), "w@b.example").as_bytes()) < 10_000_000
    assert len(sns(huge)["Message"].encode()) <= ALL_BYTES
