"""What botocore raises -> SourceError."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own name
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    NoRegionError,
    PaginationError,
    PartialCredentialsError,
    ReadTimeoutError,
    SSLError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from watchbill.model.failures import SourceError
from watchbill.sources.errors import Asked, quoted, seconds

_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, NoAuthTokenError)
_LOST_CREDENTIALS = (CredentialRetrievalError, TokenRetrievalError, SSOError, LoginError)

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
_UNKNOWN_KEYS = {"InvalidClientTokenId", "UnrecognizedClientException", "MissingAuthenticationToken",
                 "MissingAuthenticationTokenException", "AuthFailure", "InvalidAccessKeyId", "NotAuthorized"}
_BAD_SIGNATURE = {"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature",
                  "IncompleteSignatureException"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed"}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "OptInRequired"}
_THROTTLED = {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
              "RequestLimitExceeded", "TooManyRequestsException", "LimitExceeded", "LimitExceededException",
              "RequestThrottledException", "SlowDown"}

# By operation, where it is not metrics that are read.
_RIGHTS = {"DescribeAlarms": "cloudwatch:DescribeAlarms", "GetResources": "tag:GetResources"}


@contextmanager
def explained(asked: Asked) -> Iterator[None]:
    """Raises SourceError for whatever botocore raises inside; hold nothing but a client's call in it."""
    try:
        yield
    except ClientError as error:
        raise _refused(error, asked) from None
    except (PaginationError, ResponseParserError) as error:
        raise nonsense(asked, quoted(error)) from None
    except BotoCoreError as error:
        raise _failed(error, asked) from None
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RuntimeError) as error:
        # botocore's parser goes by the service model and falls over what does not fit, or is too deep.
        raise nonsense(asked, type(error).__name__) from None


def nonsense(asked: Asked, what: str) -> SourceError:
    """An answer that is none, as from a proxy or a half-dead endpoint."""
    return asked.error(f"the answer is not CloudWatch's ({what})",
                       "It is asked again; if this stays, check the connection's endpoint_url and any proxy",
                       retryable=True)


def _refused(error: ClientError, asked: Asked) -> SourceError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    message = quoted(error.response.get("Error", {}).get("Message", ""))
    said = f"AWS answered {status} {quoted(code)}: {message}"
    if code in _BAD_SIGNATURE:  # the message may repeat signed headers, and with them the session token
        return asked.error(f"AWS answered {status} {code}",
                           "The secret key does not fit the access key: correct the connection",
                           retryable=False)
    if code in _EXPIRED:
        return asked.error(said, "Renew the connection's token, and check this machine's clock",
                           retryable=False)
    if code in _UNKNOWN_KEYS or status == 401:
        return asked.error(said, "AWS does not know these keys: correct the connection", retryable=False)
    if code in _THROTTLED or status == 429:
        return asked.error(said, "It is asked again later; a quota increase may help", retryable=True,
                           retry_after_s=_retry_after_s(error))
    return _by_status(status, said, asked, error, denied=code in _DENIED)


def _by_status(status: int, said: str, asked: Asked, error: ClientError, *, denied: bool) -> SourceError:
    if denied and error.operation_name == "AssumeRole":
        return asked.error(said, "Allow the connection's identity sts:AssumeRole on the role, and name it in the "
                           "role's trust policy, with the external id where that asks for one", retryable=False)
    if denied or status == 403:
        rights = _RIGHTS.get(asked.operation, "cloudwatch:GetMetricData and cloudwatch:ListMetrics")
        return asked.error(said, f"Allow the connection's identity {rights}", retryable=False)
    if status == 404:
        return asked.error(said, "Nothing answers there: check the connection's region and endpoint_url",
                           retryable=False)
    if status >= 500 or status == 408 or status < 400:
        return asked.error(said, "It is asked again later", retryable=True,
                           retry_after_s=_retry_after_s(error))
    return asked.error(said, "Correct what include/metrics asks for", retryable=False)


def _retry_after_s(error: ClientError) -> float | None:
    metadata: dict[str, Any] = dict(error.response.get("ResponseMetadata", {}))
    return seconds(metadata.get("HTTPHeaders", {}), "Retry-After")


def _failed(error: BotoCoreError, asked: Asked) -> SourceError:
    if isinstance(error, _NO_CREDENTIALS):
        return asked.error("there are no AWS credentials", "Put an access key or a role into the connection",
                           retryable=False)
    if isinstance(error, _LOST_CREDENTIALS):
        return asked.error(f"AWS credentials could not be fetched: {quoted(error)}",
                           "Check the connection's role, profile or token file", retryable=True)
    if isinstance(error, NoRegionError):
        return asked.error("no AWS region is set", "Put region_name into the connection's extra",
                           retryable=False)
    if isinstance(error, SSLError):
        return asked.error("the server's certificate does not hold",
                           "Check the connection's endpoint_url, its CA bundle and any proxy",
                           retryable=False)
    if isinstance(error, (ConnectionError, HTTPClientError, IncompleteReadError)):
        return asked.error(_broken(error), "It is asked again later; check the network if this stays",
                           retryable=True)
    return asked.error(f"botocore gave up: {quoted(error)}", "Correct the connection or include/metrics",
                       retryable=False)


def _broken(error: BotoCoreError) -> str:
    if isinstance(error, ReadTimeoutError):
        return "no answer in time"
    if isinstance(error, EndpointConnectionError):
        return quoted(error)
    # Only the kind: for an unforeseen failure botocore quotes what the HTTP library said, headers and all.
    return f"the connection broke ({type(error).__name__})"
