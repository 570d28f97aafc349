"""Every error of an SDK becomes one sentence: what was asked, what was said, what to do; and no secrets."""

from typing import Any

import pytest
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError
from datadog_api_client.exceptions import ApiException, ApiValueError
from urllib3 import exceptions as http

from watchbill.model.failures import SourceError
from watchbill.sources.errors import Asked, quoted, seconds
from watchbill.sources.errors import cloudwatch as cloudwatch_errors
from watchbill.sources.errors import datadog as datadog_errors

CLOUDWATCH = Asked("CloudWatch", "eu-west-1", "aws_default", "GetMetricData", ("a", "b", "a", "c", "d"))
DATADOG = Asked("Datadog", "datadoghq.eu", "datadog_default", "timeseries query", ("cpu",))


def aws_error(status: int, code: str, message: str = "…", **headers: str) -> aws.ClientError:
    return aws.ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers},
        },
        "GetMetricData",
    )


def datadog_error(status: int, body: Any = None, **headers: str) -> ApiException:
    error = ApiException(status=status, reason="…")
    error.body, error.headers = body, headers
    return error


def cloudwatch_says(error: Exception) -> SourceError:
    with pytest.raises(SourceError) as told, cloudwatch_errors.explained(CLOUDWATCH):
        raise error
    return told.value


def datadog_says(error: Exception) -> SourceError:
    with pytest.raises(SourceError) as told, datadog_errors.explained(DATADOG):
        raise error
    return told.value


def test_a_sentence_says_what_was_asked_what_was_said_and_what_to_do() -> None:
    assert str(cloudwatch_says(aws_error(403, "AccessDenied", "User x is not authorized."))) == (
        "CloudWatch in eu-west-1 (connection aws_default), GetMetricData for a, b, c and 1 more: AWS "
        "answered 403 AccessDenied: User x is not authorized. Allow the connection's identity "
        "cloudwatch:GetMetricData and cloudwatch:ListMetrics"
    )
    assert str(datadog_says(datadog_error(403, {"errors": ["Forbidden"]}))) == (
        "Datadog in datadoghq.eu (connection datadog_default), timeseries query for cpu: Datadog answered "
        "403: Forbidden. Correct the connection's API and application key and its site; the application key "
        "needs the timeseries_query permission"
    )


@pytest.mark.parametrize(
    ("error", "retryable", "words"),
    [
        (aws.NoCredentialsError(), False, "there are no AWS credentials"),
        (
            aws.PartialCredentialsError(provider="env", cred_var="aws_secret_access_key"),
            False,
            "no AWS credentials",
        ),
        (aws.CredentialRetrievalError(provider="sts", error_msg="refused"), True, "could not be fetched"),
        (aws.NoRegionError(), False, "no AWS region is set"),
        (
            aws.EndpointConnectionError(endpoint_url="https://monitoring.eu-west-1.amazonaws.com/"),
            True,
            "monitoring.eu",
        ),
        (aws.ConnectTimeoutError(endpoint_url="https://x"), True, "the connection broke"),
        (aws.ReadTimeoutError(endpoint_url="https://x"), True, "no answer in time"),
        (aws.ConnectionClosedError(endpoint_url="https://x"), True, "the connection broke"),
        (aws.IncompleteReadError(actual_bytes=1, expected_bytes=2), True, "the connection broke"),
        (aws.SSLError(endpoint_url="https://x", error="bad"), False, "certificate"),
        (aws.ParamValidationError(report="Period is wrong"), False, "Period is wrong"),
        (ResponseParserError("no JSON"), True, "the answer is not CloudWatch's"),
        (aws_error(400, "ValidationError", "Period must be"), False, "Correct what include/metrics asks for"),
        (aws_error(403, "InvalidClientTokenId"), False, "AWS does not know these keys"),
        (aws_error(400, "UnrecognizedClientException"), False, "AWS does not know these keys"),
        (aws_error(403, "SignatureDoesNotMatch"), False, "The secret key does not fit"),
        (aws_error(403, "ExpiredToken"), False, "Renew the connection's token"),
        (aws_error(404, "404"), False, "check the connection's region and endpoint_url"),
        (aws_error(400, "Throttling"), True, "It is asked again later"),
        (aws_error(429, "TooManyRequests"), True, "quota"),
        (aws_error(500, "InternalFailure"), True, "It is asked again later"),
        (aws_error(503, "503"), True, "It is asked again later"),
    ],
)
def test_every_failure_of_cloudwatch_is_told(error: Exception, retryable: bool, words: str) -> None:
    told = cloudwatch_says(error)
    assert words in str(told)
    assert told.retryable is retryable


@pytest.mark.parametrize(
    ("error", "retryable", "words"),
    [
        (datadog_error(400, {"errors": ["Error parsing query"]}), False, "Error parsing query"),
        (datadog_error(401), False, "Datadog does not know these keys"),
        (datadog_error(403), False, "timeseries_query permission"),
        (datadog_error(404), False, "check the connection's site"),
        (datadog_error(422), False, "include/metrics"),
        (datadog_error(408), True, "It is asked again later"),
        (datadog_error(500), True, "It is asked again later"),
        (datadog_error(503, "<html>unavailable</html>"), True, "Datadog answered 503. It"),
        (datadog_error(0), False, "certificate"),
        (
            ApiValueError("Invalid authentication token for DD-API-KEY"),
            False,
            "Correct the connection's keys",
        ),
        (http.MaxRetryError(None, "/", http.ReadTimeoutError(None, "/", "late")), True, "no answer in time"),  # type: ignore[arg-type]
        (http.MaxRetryError(None, "/", http.SSLError("bad")), False, "certificate"),  # type: ignore[arg-type]
        (http.NewConnectionError(None, "refused"), True, "no connection (None: refused)"),  # type: ignore[arg-type]
        (http.ProtocolError("cut"), True, "the connection broke (ProtocolError)"),
        (http.IncompleteRead(1, 2), True, "the connection broke"),
    ],
)
def test_every_failure_of_datadog_is_told(error: Exception, retryable: bool, words: str) -> None:
    told = datadog_says(error)
    assert words in str(told)
    assert told.retryable is retryable


def test_a_rate_limit_says_when_to_come_back() -> None:
    assert (
        datadog_says(datadog_error(429, **{"X-RateLimit-Reset": "37", "Retry-After": "5"})).retry_after_s
        == 37
    )
    assert datadog_says(datadog_error(429, **{"retry-after": "5"})).retry_after_s == 5
    assert datadog_says(datadog_error(429)).retry_after_s is None
    assert cloudwatch_says(aws_error(503, "SlowDown", **{"retry-after": "7"})).retry_after_s == 7


@pytest.mark.parametrize("headers", [None, {}, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 7])
def test_headers_that_say_no_number_say_nothing(headers: Any) -> None:
    assert seconds(headers, "Retry-After") is None


SECRETS = [
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef01234567",
    "FwoGZXIvYXdzE" + "a1B2" * 40 + "==",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_repeated(secret: str) -> None:
    for told in (
        cloudwatch_says(aws_error(400, "ValidationError", f"what is {secret}?")),
        cloudwatch_says(aws.HTTPClientError(error=f"Invalid header value b'{secret}\\n'")),
        cloudwatch_says(aws_error(403, "SignatureDoesNotMatch", f"x-amz-security-token:{secret}")),
        datadog_says(datadog_error(400, {"errors": [f"what is {secret}?"]})),
        datadog_says(ValueError(f"Invalid header value b'{secret}\\n'")),
    ):
        assert secret not in str(told)
        assert told.__cause__ is None
        assert told.__suppress_context__


def test_a_vendors_words_are_cut_to_one_short_line() -> None:
    assert quoted("a\n  b.") == "a b"
    assert len(quoted("word " * 500)) == 298
