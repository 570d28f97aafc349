"""Slack, tried: whose token it is, and which scopes Slack says that it has."""

from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackApiError

from watchbill.doctor.checks import Check, Outcome, Subject

SCOPES = "x-oauth-scopes"
"""A header of every answer: https://docs.slack.dev/authentication/installing-with-oauth"""


def channels(client: Any, names: list[str], subject: Subject) -> Iterator[Check]:
    """The token once, and every channel that is posted to with it."""
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        data = error.response.data
        code = data.get("error", "") if isinstance(data, dict) else ""
        yield subject.check("auth.test", Outcome("missing", f"Slack answered {str(code)[:60] or 'no JSON'}. Put the "
                            "bot token, which begins with xoxb-, into the connection's password"))
        yield subject.untried("chat:write", "the token is not good")
        return
    yield subject.check("auth.test", Outcome("ok"))
    told = {str(name).lower(): str(value) for name, value in answer.headers.items()}.get(SCOPES)
    scopes = None if told is None else {scope.strip() for scope in told.split(",")}
    yield subject.check("chat:write", _may_post(scopes))
    if scopes and "chat:write" in scopes:
        yield _may_upload(scopes, subject)
    for name in names:
        channel = Subject(subject.part, subject.connection, name)
        if scopes and "chat:write.public" in scopes:
            why = "chat:write.public posts to every public channel; whether this one is there, only posting tells"
        else:
            why = "only posting tells: invite the bot to the channel"
        yield channel.untried("channel", why)


def _may_upload(scopes: set[str], subject: Subject) -> Check:
    if "files:write" in scopes:
        return subject.check("files:write", Outcome("ok"))
    return subject.untried("files:write", "the token lacks it, so messages go without pictures: add the scope and "
                           "install the app again, or write `graph: false` in slack_configs")


def _may_post(scopes: set[str] | None) -> Outcome:
    if scopes is None:
        return Outcome("untried", "Slack did not say which scopes the token has: only posting tells")
    if "chat:write" in scopes:
        return Outcome("ok")
    return Outcome("missing", "The token lacks the scope chat:write: add it to the bot's scopes, and install the app "
                   "again")
