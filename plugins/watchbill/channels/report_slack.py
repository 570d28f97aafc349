"""A report to a Slack channel, once: the picture is uploaded, and a message shows it with the newest values below."""

from typing import Any

from slack_sdk import WebClient

from watchbill.channels.slack import explained
from watchbill.channels.slack_message import ALT, SECTION, TEXT, fit
from watchbill.channels.slack_picture import shown, upload
from watchbill.channels.words import one_line, shorten, units
from watchbill.model.alerts import Answer, Channel
from watchbill.model.reports import ReportMessage

HEADER = 150  # Slack's limit of a header


def send(message: ReportMessage, channel: Channel, client: WebClient) -> Answer:
    """`{"ts", "channel"}`, and why in `picture` where it goes without. Raises TransportError."""
    with explained():
        file, trouble = upload(message.picture, client)
        answer = shown(lambda one: client.chat_postMessage(
            channel=channel.target, unfurl_links=False, unfurl_media=False, **render(message, one)), file)
        told = {"ts": str(answer["ts"]), "channel": str(answer["channel"])}
        return {**told, "picture": trouble} if trouble else told


def render(message: ReportMessage, file: str = "") -> dict[str, Any]:
    """`text` (for previews and screen readers) and `blocks` of chat.postMessage; `file`: the id of the picture."""
    title, values = shorten(one_line(message.title) or "Report", HEADER, units), "\n".join(message.values)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": fit(message.period, 300)}]}]
    if file:
        alt = shorten(one_line(message.picture.description), ALT, units) or "dashboard"
        blocks.append({"type": "image", "slack_file": {"id": file}, "alt_text": alt})
    if values:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": fit(values, SECTION)}})
    return {"text": fit(f"{title}\n{message.period}\n{values}".rstrip(), TEXT), "blocks": blocks}
