"""A notification as MIME: plain text, and the same as HTML (email_page.py) with its picture inside."""

import re
from collections.abc import Collection, Mapping, Sequence
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import getaddresses
from hashlib import blake2b
from html import escape

from watchbill.channels.email_page import ALERTS, MESSAGE, VALUE, html, picture
from watchbill.channels.refusals import refusal
from watchbill.channels.words import clean, headline, linked, mark, message, one_line, ordered, shorten, title, unlinked
from watchbill.model.alerts import Alert, Notification
from watchbill.model.links import links
from watchbill.model.templates.rendering import render as filled

RECIPIENTS = 50  # of one message, in SES
SUBJECT, HEADER = 200, 900
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+", re.ASCII)  # SES takes ASCII only


class _Smtp(EmailPolicy):
    """The SMTP policy, less its fault of losing blanks between the encoded words of a long subject."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name != "Subject":
            return super().fold_binary(name, value)
        folded = Header(str(value), header_name=name).encode(linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}".encode("ascii")


# Bodies of eight bits are encoded: SES relays to hosts that take none.
POLICY = _Smtp(linesep="\r\n", cte_type="7bit")

def compose(notification: Notification, sender: str, parent: str = "") -> EmailMessage:
    """The mail, with a Message-ID that is the same on every try; `parent`: the Message-ID it answers.

    SES writes a Message-ID of its own over ours; ours stays in its event records. Raises TransportError
    for an address that is none: SES would refuse the whole mail for it.
    """
    mail = EmailMessage(policy=POLICY)
    author = addresses(sender)[0]
    mail["From"] = author
    mail["To"] = addresses(notification.channel.target)
    mail["Subject"] = subject(notification)
    name = blake2b(notification.id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    mail["Message-ID"] = f"<{name}@{author.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # no holiday replies (RFC 3834)
    if parent:
        mail["In-Reply-To"] = mail["References"] = parent
    for header, value in _headers(notification).items():
        del mail[header]
        mail[header] = value
    mail.set_content(plain(notification))
    shown, cid = notification.picture, f"{name}@{author.domain}"
    if notification.channel.options.get("html") == "":
        return mail  # as the receiver wants it: plain text only
    mail.add_alternative(page(notification, cid if shown else ""), subtype="html")
    if shown:
        _, related = mail.iter_parts()
        related.add_related(shown.png, "image", "png", cid=f"<{cid}>", filename="graph.png",
                         disposition="inline")
    return mail


def subject(notification: Notification) -> str:
    """The receiver's, where it writes one; one line in any case."""
    own = "[{}] {}".format(*headline(notification))
    template = _written(notification).get("Subject", "")
    said = filled(template, notification, fallback=own, external_url=notification.base_url) if template else own
    return shorten(one_line(said) or own, SUBJECT)


def plain(notification: Notification) -> str:
    """The text part: the receiver's `text`, or ours."""
    template = notification.channel.options.get("text")
    if not template:
        return text(notification)
    said = filled(template, notification, fallback=text(notification), external_url=notification.base_url)
    return clean(said).rstrip("\n") + "\n"


def page(notification: Notification, cid: str = "") -> str:
    """The HTML part: the receiver's `html` with the picture below, or ours."""
    template = notification.channel.options.get("html")
    if not template:
        return html(notification, cid)
    said = clean(filled(template, notification, escape=escape, fallback=html(notification),
                        external_url=notification.base_url))
    image = picture(notification, cid)
    end = said.lower().rfind("</body>")
    return f"{said[:end]}{image}\n{said[end:]}" if end >= 0 else f"{said}\n{image}"


def _written(notification: Notification) -> Mapping[str, str]:
    return notification.channel.options.get("headers") or {}


def _headers(notification: Notification) -> dict[str, str]:
    """The receiver's other headers; a line break in one would begin another."""
    found = {name: one_line(filled(template, notification, external_url=notification.base_url))
             for name, template in _written(notification).items() if name != "Subject"}
    return {name: shorten(value, HEADER) for name, value in found.items() if value}


def addresses(listed: str) -> list[Address]:
    """`a@b.c, Name <d@e.f>`, names of domains in ASCII. Raises TransportError, permanent."""
    line = one_line(listed)
    # The parser glues parts around a blank together; such an address would be somebody else's.
    found = [_address(name, spec if spec in line else line) for name, spec in getaddresses([line])]
    if not found:
        raise refusal("SES", "there is no mail address to send to", "permanent")
    if len(found) > RECIPIENTS:
        raise refusal("SES", f"takes {RECIPIENTS} recipients a mail, not {len(found)}", "permanent")
    return found


def _address(name: str, spec: str) -> Address:
    user, _, domain = spec.rpartition("@")
    refused = refusal("SES", f"{shorten(spec, 100)!r} is no mail address", "permanent")
    try:
        plain = f"{user}@{domain.encode('idna').decode()}"
        if not _ADDRESS.fullmatch(plain):
            raise refused
        return Address(name, addr_spec=plain)
    except (ValueError, MessageError) as error:
        raise refused from error


def text(notification: Notification) -> str:
    """One alert: its message and the metadata below. Several: one such paragraph each."""
    alerts, known = ordered(notification.alerts), linked(notification)
    parts = ["[{}] {}".format(*headline(notification))]
    below = "\n".join(f"{link.text}: {link.url}" for link in links(notification, notification.base_url))
    if len(alerts) == 1:
        body = _paragraph(alerts[0], known)
        is_told = body and alerts[0].status == "firing"  # else the message alone would read as if it fired
        told = [body] if is_told else [*parts, body]
    else:
        each = (f"[{mark(alert)}] {title(alert)}\n{_paragraph(alert, known)}".rstrip() for alert in alerts[:ALERTS])
        told = [*parts, *each, *more(alerts)]
    return "\n\n".join(filter(None, [*told, below])) + "\n"


def more(alerts: Sequence[Alert]) -> list[str]:
    return [f"and {len(alerts) - ALERTS} more"] if len(alerts) > ALERTS else []


def _paragraph(alert: Alert, known: Collection[str]) -> str:
    lines = "\n".join(f"{key}: {shorten(value, VALUE)}" for key, value in unlinked(alert, known).items())
    below = f"Metadata:\n{lines}" if lines else ""
    return "\n\n".join(filter(None, [shorten(message(alert), MESSAGE), below]))
