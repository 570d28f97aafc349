"""One table a vendor: what each answer means for the next try."""

from collections.abc import Callable
from http.client import IncompleteRead, RemoteDisconnected
from types import SimpleNamespace
from typing import Any
from urllib.error import URLError

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    ResponseStreamingError,
    SSLError,
)
from botocore.parsers import ResponseParserError
from slack_sdk.errors import SlackApiError

from tests.unit.channels.made import TOPIC, notification
from watchbill.channels import email, slack, sns
from watchbill.channels.refusals import SES, SLACK, SNS, seconds
from watchbill.model.failures import TransportError

Meaning = tuple[bool, bool]  # permanent, ambiguous
RETRY, PERMANENT, AMBIGUOUS = (False, False), (True, False), (False, True)


class Raising:
    """A client whose every call raises."""

    meta = SimpleNamespace(region_name="eu-west-1")

    def __init__(self, error: Exception) -> None:
        self.error, self.calls = error, 0

    def _call(self, **_: Any) -> None:
        self.calls += 1
        raise self.error

    chat_postMessage = send_email = publish = _call  # noqa: N815 - Slack's name


SENDS: dict[str, Callable[[Any], Any]] = {
    "slack": lambda client: slack.send(notification(), client),
    "ses": lambda client: email.send(
        notification(kind="email", target="ops@example.com"), client, sender="watchbill@example.com"),
    "sns": lambda client: sns.send(notification(kind="sns", target=TOPIC), client),
}


def _meaning(vendor: str, error: Exception) -> Meaning:
    client: Any = Raising(error)
    with pytest.raises(TransportError) as caught:
        SENDS[vendor](client)
    assert client.calls == 1
    return caught.value.permanent, caught.value.ambiguous


def _slack_error(code: str | None, status: int = 200, **headers: str) -> SlackApiError:
    data = None if code is None else {"ok": False, "error": code}
    return SlackApiError("refused", SimpleNamespace(data=data, status_code=status, headers=headers))


def _aws_error(code: str, status: int = 400, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message},
                        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}}}, "Any")  # type: ignore[typeddict-item]


SLACK_SAYS = {
    PERMANENT: ["invalid_blocks", "msg_blocks_too_long", "no_text", "channel_not_found", "not_in_channel",
                "is_archived", "restricted_action", "restricted_action_read_only_channel",
                "restricted_action_of_some_new_kind", "invalid_auth", "not_authed", "token_revoked",
                "missing_scope", "message_not_found", "cant_update_message", "edit_window_closed"],
    RETRY: ["ratelimited", "message_limit_exceeded", "service_unavailable", "a_word_of_tomorrow"],
    AMBIGUOUS: ["internal_error", "fatal_error", "Received a response in a non-JSON format: <html>"],
}
SES_SAYS = {
    PERMANENT: ["MessageRejected", "MailFromDomainNotVerifiedException", "AccountSuspendedException",
                "BadRequestException", "NotFoundException", "AccessDeniedException",
                "UnrecognizedClientException", "SignatureDoesNotMatch"],
    RETRY: ["TooManyRequestsException", "LimitExceededException", "SendingPausedException",
            "ThrottlingException", "ExpiredTokenException", "AWordOfTomorrow"],
    AMBIGUOUS: ["InternalFailure", "InternalError"],
}
SNS_SAYS = {
    PERMANENT: ["InvalidParameter", "ParameterValueInvalid", "NotFound", "EndpointDisabled",
                "PlatformApplicationDisabled", "AuthorizationError", "KMSDisabled", "KMSInvalidState",
                "KMSNotFound", "KMSOptInRequired", "KMSAccessDenied", "InvalidSecurity",
                "ValidationException", "InvalidClientTokenId"],
    RETRY: ["KMSThrottling", "Throttled", "Throttling", "RequestExpired", "ServiceUnavailable"],
    AMBIGUOUS: ["InternalError"],
}


def _cases(said: dict[Meaning, list[str]]) -> list[tuple[str, Meaning]]:
    return [(code, meaning) for meaning, codes in said.items() for code in codes]


@pytest.mark.parametrize(("code", "meaning"), _cases(SLACK_SAYS))
def test_what_slack_says_and_what_it_means(code: str, meaning: Meaning) -> None:
    assert _meaning("slack", _slack_error(code)) == meaning


@pytest.mark.parametrize(("code", "meaning"), _cases(SES_SAYS))
def test_what_ses_says_and_what_it_means(code: str, meaning: Meaning) -> None:
    assert _meaning("ses", _aws_error(code)) == meaning


@pytest.mark.parametrize(("code", "meaning"), _cases(SNS_SAYS))
def test_what_sns_says_and_what_it_means(code: str, meaning: Meaning) -> None:
    assert _meaning("sns", _aws_error(code)) == meaning


@pytest.mark.parametrize(("service", "operation", "table"),
                         [("sesv2", "SendEmail", SES), ("sns", "Publish", SNS)])
def test_every_error_that_the_service_model_names_has_a_meaning(
    service: str, operation: str, table: dict[str, str]
) -> None:
    model = boto3.client(service, region_name="eu-west-1").meta.service_model.operation_model(operation)
    codes = {shape.metadata.get("error", {}).get("code") or shape.name for shape in model.error_shapes}
    assert codes - set(table) == set()


def test_no_code_stands_twice_in_slacks_table() -> None:
    assert len(SLACK) == len(set(SLACK))


@pytest.mark.parametrize(("status", "meaning"), [(500, RETRY), (502, RETRY), (503, RETRY), (504, RETRY)])
def test_a_failure_in_front_of_slack_is_tried_again(status: int, meaning: Meaning) -> None:
    assert _meaning("slack", _slack_error("Received a response in a non-JSON format: ", status)) == meaning


@pytest.mark.parametrize(
    ("status", "meaning"), [(500, AMBIGUOUS), (502, AMBIGUOUS), (503, RETRY), (429, RETRY)]
)
def test_an_unknown_answer_of_aws_is_read_by_its_status(status: int, meaning: Meaning) -> None:
    assert _meaning("sns", _aws_error(str(status), status)) == meaning
    assert _meaning("ses", _aws_error(str(status), status)) == meaning


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (URLError(ConnectionRefusedError()), RETRY),
        (URLError(TimeoutError("connecting")), RETRY),
        (TimeoutError("reading"), AMBIGUOUS),
        (RemoteDisconnected(), AMBIGUOUS),
        (ConnectionResetError(), AMBIGUOUS),
        (IncompleteRead(b""), AMBIGUOUS),
        (ValueError("Invalid header value b'Bearer xoxb-…\\n'"), PERMANENT),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), AMBIGUOUS),
        (AttributeError("'list' object has no attribute 'get'"), AMBIGUOUS),
    ],
)
def test_a_request_to_slack_that_got_out_may_have_been_taken(error: Exception, meaning: Meaning) -> None:
    assert _meaning("slack", error) == meaning


@pytest.mark.parametrize("vendor", ["ses", "sns"])
@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (EndpointConnectionError(endpoint_url="x"), RETRY),
        (ConnectTimeoutError(endpoint_url="x"), RETRY),
        (SSLError(endpoint_url="x", error="bad"), RETRY),
        (ReadTimeoutError(endpoint_url="x"), AMBIGUOUS),
        (ConnectionClosedError(endpoint_url="x"), AMBIGUOUS),
        (ResponseStreamingError(error="cut"), AMBIGUOUS),
        (NoCredentialsError(), PERMANENT),
        (CredentialRetrievalError(provider="x", error_msg="y"), RETRY),
        (ResponseParserError("no XML"), AMBIGUOUS),
        (KeyError("MessageId"), AMBIGUOUS),
        (ParamValidationError(report="bad"), PERMANENT),
    ],
)
def test_a_request_to_aws_that_got_out_may_have_been_taken(
    vendor: str, error: Exception, meaning: Meaning
) -> None:
    assert _meaning(vendor, error) == meaning


@pytest.mark.parametrize(
    ("vendor", "error"),
    [
        ("slack", ValueError("Invalid header value b'Bearer xoxb-secret'")),
        ("slack", _slack_error("no_text")),
        ("ses", _aws_error("SignatureDoesNotMatch", message="x-amz-security-token:secret")),
        ("sns", ValueError("secret")),
    ],
)
def test_no_original_is_chained_because_it_may_carry_a_key(vendor: str, error: Exception) -> None:
    with pytest.raises(TransportError) as caught:
        SENDS[vendor](Raising(error))
    assert caught.value.__suppress_context__
    assert "secret" not in str(caught.value)


def test_slacks_retry_after_is_handed_on() -> None:
    client: Any = Raising(_slack_error("ratelimited", 429, **{"Retry-After": "30"}))
    with pytest.raises(TransportError, match=r"^Slack: ratelimited$") as caught:
        slack.send(notification(), client)
    assert caught.value.retry_after_s == 30


@pytest.mark.parametrize(
    ("header", "value"),
    [("30", 30), ("0", 0), ("1.5", 1.5), (None, None), ("", None), ("-1", None), ("nan", None), ("inf", None),
     ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
)
def test_a_wait_is_a_sensible_number_of_seconds_or_none(header: str | None, value: float | None) -> None:
    assert seconds(header) == value
