"""The mail as a reader's program parses it."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from tests.unit.channels.made import NASTY, alert, notification
from watchbill.channels.email_message import addresses, compose
from watchbill.model.alerts import Picture
from watchbill.model.failures import TransportError

SENDER = "Watchbill <watchbill@example.com>"


def _parsed(*alerts: object, to: str = "ops@example.com", parent: str = "") -> EmailMessage:
    made = compose(notification(*alerts, kind="email", target=to), SENDER, parent)  # type: ignore[arg-type]
    parsed = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def _shown(page: str) -> list[str]:
    """What a reader sees of a page, piece by piece."""
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = lambda data: found.append(data.strip())  # type: ignore[method-assign]
    parser.feed(page)
    return [each for each in found if each]


def test_a_mail_has_the_message_and_the_metadata_below_in_text_and_in_html() -> None:
    mail = _parsed(alert(metadata={"value": 212, "host": "web-1"}))
    assert mail["Subject"] == "[CRITICAL] Checkout fails"
    assert mail["From"] == SENDER
    assert mail["To"] == "ops@example.com"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert _body(mail, "plain") == "212 errors a minute\n\nMetadata:\nvalue: 212\nhost: web-1\n"
    page = _body(mail, "html")
    assert _shown(page) == ["[CRITICAL] Checkout fails", "212 errors a minute", "value", "212", "host", "web-1"]
    assert "src=" not in page


def test_a_resolved_alert_is_marked_in_subject_and_text() -> None:
    mail = _parsed(alert(status="resolved", metadata={}))
    assert mail["Subject"] == "[RESOLVED] Checkout fails"
    assert _body(mail, "plain") == "[RESOLVED] Checkout fails\n\n212 errors a minute\n"


def test_several_alerts_are_a_paragraph_each() -> None:
    mail = _parsed(alert("A", "a", metadata={}), alert("B", "b", "warning", metadata={"value": 1}))
    assert mail["Subject"] == "[CRITICAL] 2 firing: HighErrorRate service=checkout"
    assert _body(mail, "plain") == (
        "[CRITICAL] 2 firing: HighErrorRate service=checkout\n\n"
        "[CRITICAL] A\na\n\n[WARNING] B\nb\n\nMetadata:\nvalue: 1\n"
    )


def test_alerts_beyond_the_limit_are_counted() -> None:
    mail = _parsed(*[alert()] * 130)
    assert _body(mail, "plain").endswith("and 30 more\n")
    assert "<p>and 30 more</p>" in _body(mail, "html")


def test_the_same_notification_has_the_same_message_id_and_another_has_another() -> None:
    first = _parsed(alert())["Message-ID"]
    assert first == _parsed(alert())["Message-ID"]
    assert first.endswith("@example.com>")


def test_what_follows_refers_to_the_first_mail() -> None:
    mail = _parsed(alert(), parent="<0102@eu-west-1.amazonses.com>")
    assert mail["References"] == mail["In-Reply-To"] == "<0102@eu-west-1.amazonses.com>"
    assert "References" not in _parsed(alert())


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_from_outside_becomes_a_header_or_html(nasty: str) -> None:
    mail = _parsed(alert(nasty, nasty, metadata={nasty[:1_000]: nasty}))
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }
    assert len(mail["Subject"]) <= 200
    assert "<script" not in _body(mail, "html")
    assert "<!channel" not in _body(mail, "html")


@pytest.mark.parametrize("nasty", NASTY)
def test_a_mail_is_seven_bit_with_short_lines(nasty: str) -> None:
    mail = compose(notification(alert(nasty, nasty), kind="email", target="ops@example.com"), SENDER)
    lines = mail.as_bytes().split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert all(byte < 128 for line in lines for byte in line)
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_an_emoji_in_the_subject_comes_back_whole() -> None:
    title = "🔥 결제 실패 " * 12
    assert _parsed(alert(title))["Subject"] == f"[CRITICAL] {title.strip()}"


def test_several_addresses_and_names_are_read() -> None:
    assert [str(each) for each in addresses("a@example.com, Ops Team <b@bücher.example>")] == [
        "a@example.com", "Ops Team <b@xn--bcher-kva.example>",
    ]


@pytest.mark.parametrize(
    "wrong",
    ["", "nobody", "a@", "@example.com", "ü@example.com", "a b@example.com", "a@example.com, nobody",
     "a@example..com", "a@example.com\nBcc: b@example.com", "a@[<b>]", "a\x00@@example.com"],
)
def test_what_is_no_address_is_refused_for_good(wrong: str) -> None:
    with pytest.raises(TransportError) as caught:
        addresses(wrong)
    assert caught.value.permanent


def test_more_recipients_than_ses_takes_are_refused_for_good() -> None:
    with pytest.raises(TransportError, match="takes 50 recipients a mail, not 51") as caught:
        addresses(", ".join(f"a{at}@example.com" for at in range(51)))
    assert caught.value.permanent


def test_a_picture_is_inside_the_mail_and_the_page_shows_it_there() -> None:
    picture = Picture(b"\x89PNG picture", 'errors of "checkout" <now>')
    made = compose(notification(alert(), kind="email", target="ops@example.com", picture=picture), SENDER)
    mail = message_from_bytes(made.as_bytes(), policy=policy.default)
    plain, related = mail.iter_parts()
    page, image = related.iter_parts()
    assert [plain.get_content_type(), related.get_content_type()] == ["text/plain", "multipart/related"]
    assert image.get_content() == b"\x89PNG picture"
    assert (image["Content-Disposition"].content_disposition, image.get_filename()) == ("inline", "graph.png")
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in page.get_content()
    assert 'alt="errors of &quot;checkout&quot; &lt;now&gt;"' in page.get_content()


def test_links_are_in_both_parts() -> None:
    linked = alert(metadata={}, runbook_url="https://runbooks.example.com/a?b=1&c=2")
    made = notification(linked, kind="email", target="ops@example.com", base_url="https://airflow.example.com")
    mail = message_from_bytes(compose(made, SENDER).as_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert "\nRunbook: https://runbooks.example.com/a?b=1&c=2\n" in _body(mail, "plain")
    assert "\nAcknowledge: https://airflow.example.com/watchbill/acknowledge?" in "\n" + _body(mail, "plain")
    assert '<a href="https://runbooks.example.com/a?b=1&amp;c=2"' in _body(mail, "html")
    assert _shown(_body(mail, "html"))[-1] == "Runbook"


@pytest.mark.parametrize("nasty", ["javascript:alert(1)", 'https://a"onmouseover=x', "https://a><script>"])
def test_what_is_no_address_is_no_link(nasty: str) -> None:
    page = _body(_parsed(alert(metadata={}, runbook_url=nasty)), "html")
    assert "<a " not in page
    assert "<script" not in page
