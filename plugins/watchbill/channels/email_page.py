"""A notification as an HTML page for mail programs: styles inside the tags, tables, nothing loaded from anywhere.

Every word from outside is escaped; without its picture the page says the same.
"""

from collections.abc import Collection
from html import escape

from watchbill.channels.words import headline, linked, mark, message, ordered, shorten, title, unlinked
from watchbill.model.alerts import Alert, Notification
from watchbill.model.links import links

MESSAGE = 100_000  # of one alert; SES takes 40 MB a mail in all
VALUE = 4_000
ALERTS = 100
_COLOURS = {"CRITICAL": "#b3121d", "ERROR": "#d4501e", "WARNING": "#a86a00", "INFO": "#2b6cb0", "RESOLVED": "#1f7a3d"}
_GREY = "#5b6470"
_FONT = "font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;font-size:14px;line-height:1.45"
_PAGE = """<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body dir="auto" style="margin:0;padding:16px;color:#1c2126;{font}">
<div style="max-width:720px">
<h2 style="margin:0 0 12px;padding:8px 12px;border-left:5px solid {colour};font-size:17px">{headline}</h2>
{parts}
</div>
</body></html>
"""
_HEAD = '<h3 style="margin:18px 0 4px;font-size:14px;color:{colour}">{text}</h3>'
_TEXT = '<p style="margin:4px 0 8px;white-space:pre-wrap;overflow-wrap:anywhere">{text}</p>'
_TABLE = '<table cellpadding="4" style="border-collapse:collapse;{font}">{rows}</table>'
_ROW = ('<tr><th align="left" valign="top" style="color:{grey};font-weight:normal">{key}</th>'
        '<td style="white-space:pre-wrap;overflow-wrap:anywhere">{value}</td></tr>')
_PICTURE = ('<p style="margin:12px 0"><img src="cid:{cid}" alt="{alt}" width="720" '
            'style="max-width:100%;height:auto"></p>')
_LINKS = '<p style="margin:16px 0 0">{links}</p>'
_LINK = '<a href="{url}" style="color:#1a5fb4">{text}</a>'


def html(notification: Notification, cid: str = "") -> str:
    """`cid`: the Content-ID of the picture, where the mail has one."""
    alerts, (word, heading) = ordered(notification.alerts), headline(notification)
    known = linked(notification)
    parts = [_alert(alert, known, is_alone=len(alerts) == 1) for alert in alerts[:ALERTS]]
    if len(alerts) > ALERTS:
        parts.append(f"<p>and {len(alerts) - ALERTS} more</p>")
    parts += filter(None, [picture(notification, cid)])
    anchors = [_LINK.format(url=escape(link.url), text=escape(link.text))
               for link in links(notification, notification.base_url)]
    if anchors:
        parts.append(_LINKS.format(links=" &nbsp;·&nbsp; ".join(anchors)))
    return _PAGE.format(font=_FONT, colour=_COLOURS.get(word, _GREY), headline=escape(f"[{word}] {heading}"),
                        parts="\n".join(parts))


def picture(notification: Notification, cid: str) -> str:
    if not cid or notification.picture is None:
        return ""
    return _PICTURE.format(cid=escape(cid), alt=escape(notification.picture.description))


def _alert(alert: Alert, known: Collection[str], *, is_alone: bool) -> str:
    heading = escape(f"[{mark(alert)}] {title(alert)}")
    head = "" if is_alone else _HEAD.format(colour=_COLOURS.get(mark(alert), _GREY), text=heading)
    said = escape(shorten(message(alert), MESSAGE))
    rows = "".join(_ROW.format(grey=_GREY, key=escape(key), value=escape(shorten(value, VALUE)))
                   for key, value in unlinked(alert, known).items())
    table = _TABLE.format(font=_FONT, rows=rows) if rows else ""
    return "".join([head, _TEXT.format(text=said) if said else "", table])
