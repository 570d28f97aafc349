"""What SES was given to send, as a reader would see it. moto keeps less: it drops the text beside HTML."""

import json
import threading
from base64 import b64decode
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from sandbox.aws.gate import Answer, Call


class Mailbox:
    """Listens to SES v2's SendEmail (raw and simple) and v1's SendRawEmail and SendEmail."""

    def __init__(self) -> None:
        self._mails: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def clear(self) -> None:
        with self._lock:
            self._mails.clear()

    def all(self) -> list[dict[str, Any]]:
        """{from, to, subject, text, html, message_id, headers, attachments}, oldest first."""
        with self._lock:
            return list(self._mails)

    def before(self, call: Call) -> Answer | None:  # noqa: ARG002
        return None

    def after(self, call: Call, answer: Answer) -> None:
        if call.service != "ses" or call.operation not in ("SendEmail", "SendRawEmail"):
            return
        mail = _from_form(call, answer) if call.form else _from_v2(call, answer)
        with self._lock:
            self._mails.append(mail)


def _from_v2(call: Call, answer: Answer) -> dict[str, Any]:
    request = json.loads(call.body)
    sent_id = json.loads(answer.body)["MessageId"]
    destination = request.get("Destination", {})
    to = [address for kind in ("To", "Cc", "Bcc") for address in destination.get(f"{kind}Addresses", [])]
    content = request["Content"]
    if "Raw" in content:
        return parsed(b64decode(content["Raw"]["Data"]), request.get("FromEmailAddress"), to, sent_id)
    simple = content["Simple"]
    headers = {each["Name"]: each["Value"] for each in simple.get("Headers", [])}
    return {
        "from": request["FromEmailAddress"],
        "to": to,
        "subject": simple["Subject"]["Data"],
        "text": simple["Body"].get("Text", {}).get("Data"),
        "html": simple["Body"].get("Html", {}).get("Data"),
        "message_id": sent_id,
        "headers": headers,
        "attachments": [each["FileName"] for each in simple.get("Attachments", [])],
    }


def _from_form(call: Call, answer: Answer) -> dict[str, Any]:
    sent_id = answer.body.decode().partition("<MessageId>")[2].partition("</MessageId>")[0]
    to = [value for key, value in call.form.items() if ".member." in key and "Addresses" in key]
    to += [value for key, value in call.form.items() if key.startswith("Destinations.member.")]
    if call.operation == "SendRawEmail":
        return parsed(b64decode(call.form["RawMessage.Data"]), call.form.get("Source"), to, sent_id)
    return {
        "from": call.form["Source"],
        "to": to,
        "subject": call.form["Message.Subject.Data"],
        "text": call.form.get("Message.Body.Text.Data"),
        "html": call.form.get("Message.Body.Html.Data"),
        "message_id": sent_id,
        "headers": {},
        "attachments": [],
    }


def parsed(mime: bytes, sender: str | None, to: list[str], sent_id: str) -> dict[str, Any]:
    """A mail from its MIME; who it goes to: the envelope's addresses, else those in the headers."""
    message = message_from_bytes(mime, policy=policy.default)
    assert isinstance(message, EmailMessage)
    named = [str(one) for kind in ("To", "Cc", "Bcc") for one in getattr(message[kind], "addresses", ())]
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    return {
        "from": sender or str(message["From"]),
        "to": to or named,
        "subject": str(message["Subject"]),
        "text": plain.get_content() if plain else None,
        "html": html.get_content() if html else None,
        "message_id": sent_id,
        "headers": {key: str(value) for key, value in message.items()},
        "attachments": [name for part in message.walk() if (name := part.get_filename())],
    }
