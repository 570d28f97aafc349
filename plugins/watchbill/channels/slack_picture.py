"""A picture into a Slack message: uploaded for the bot alone, then shown by the message that names it.

files.getUploadURLExternal, the bytes, files.completeUploadExternal, and an image block with the file's id. Slack looks
at a file for a moment before a block may name it, and refuses the whole message until then.
https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object
"""

import http.client
import re
from collections.abc import Callable
from copy import copy
from time import sleep

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from watchbill.model.alerts import Picture

_CODE = re.compile(r"[a-z0-9_]+")
CALL_S = 5  # seconds for each of the three calls
WAITS_S = (0.3, 0.7, 1.5)  # for Slack to look at the file, before each try; then the words go alone


def upload(picture: Picture | None, client: WebClient) -> tuple[str, str]:
    """The file's id, and what went wrong: one of the two, or neither without a picture. Raises nothing."""
    if picture is None:
        return "", ""
    quick = copy(client)
    quick.timeout = CALL_S
    try:
        answer = quick.files_upload_v2(file=picture.png, filename="graph.png", title="graph")
        return str(answer["files"][0]["id"]), ""
    except SlackApiError as error:
        return "", f"not uploaded: {code(error) or f'HTTP {error.response.status_code}'}"
    except (OSError, http.client.HTTPException, SlackClientError, ValueError, AttributeError, LookupError,
            TypeError) as error:
        return "", f"not uploaded: {type(error).__name__}"


def shown(call: Callable[[str], SlackResponse], file: str) -> SlackResponse:
    """`call` with the picture once Slack has looked at it, and without where that takes too long."""
    for wait_s in WAITS_S if file else ():
        sleep(wait_s)
        try:
            return call(file)
        except SlackApiError as error:
            if code(error) != "invalid_blocks":
                raise
    return call("")


def code(error: SlackApiError) -> str:
    """Slack's word for what is wrong; nothing where the answer is not Slack's."""
    data = error.response.data
    word = str(data.get("error", "")) if isinstance(data, dict) else ""
    return word if _CODE.fullmatch(word) else ""
