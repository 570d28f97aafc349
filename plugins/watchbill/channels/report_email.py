"""A report to mail addresses by Amazon SES, once: the picture inside of an HTML page, the values as plain text."""

from email.message import EmailMessage
from hashlib import blake2b
from html import escape
from typing import Any

from watchbill.channels.aws import explained
from watchbill.channels.email import message_id
from watchbill.channels.email_message import POLICY, SUBJECT, addresses
from watchbill.channels.refusals import SES
from watchbill.channels.words import clean, one_line, shorten
from watchbill.model.alerts import Answer, Channel
from watchbill.model.reports import ReportMessage

_PAGE = """<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body dir="auto" style="margin:0;padding:16px;color:#1c2126;{font}">
<h2 style="margin:0 0 4px;font-size:19px">{title}</h2>
<p style="margin:0 0 12px;color:#5b6470">{period}</p>
<p style="margin:0 0 12px"><img src="cid:{cid}" alt="{alt}" width="{width}" style="max-width:100%;height:auto"></p>
<ul style="margin:0;padding-left:18px;color:#3a424c">{values}</ul>
</body></html>
"""
_FONT = "font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;font-size:14px;line-height:1.45"
WIDTH = 1_000  # pixels on the page; the picture itself may have more


def send(message: ReportMessage, channel: Channel, client: Any, *, sender: str) -> Answer:
    """`{"MessageId", "message_id"}` from a boto3 `sesv2` client; raises TransportError."""
    mail = compose(message, channel, sender)
    with explained("SES", SES):
        sent_id = str(client.send_email(
            FromEmailAddress=str(mail["From"].addresses[0].addr_spec),
            Destination={"ToAddresses": [each.addr_spec for each in mail["To"].addresses]},
            Content={"Raw": {"Data": mail.as_bytes()}})["MessageId"])
    return {"MessageId": sent_id, "message_id": message_id(sent_id, client.meta.region_name)}


def compose(message: ReportMessage, channel: Channel, sender: str) -> EmailMessage:
    """Raises TransportError for an address that is none."""
    mail = EmailMessage(policy=POLICY)
    author = addresses(sender)[0]
    name = blake2b(f"{message.id} {channel.target}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    mail["From"], mail["To"] = author, addresses(channel.target)
    mail["Subject"] = shorten(one_line(message.title) or "Report", SUBJECT)
    mail["Message-ID"] = f"<{name}@{author.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # no holiday replies (RFC 3834)
    mail.set_content(text(message))
    cid = f"{name}@{author.domain}"
    mail.add_alternative(page(message, cid), subtype="html")
    _, related = mail.iter_parts()
    related.add_related(message.picture.png, "image", "png", cid=f"<{cid}>", filename="dashboard.png",
                        disposition="inline")
    return mail


def text(message: ReportMessage) -> str:
    lines = [one_line(message.title), one_line(message.period), "", *map(one_line, message.values)]
    return "\n".join(lines).rstrip() + "\n"


def page(message: ReportMessage, cid: str) -> str:
    values = "".join(f"<li>{escape(one_line(one))}</li>" for one in message.values)
    return _PAGE.format(font=_FONT, title=escape(one_line(message.title)), period=escape(one_line(message.period)),
                        cid=escape(cid), alt=escape(clean(message.picture.description)), width=WIDTH, values=values)
