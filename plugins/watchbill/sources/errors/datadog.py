"""What datadog-api-client and urllib3 raise -> SourceError."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from datadog_api_client.exceptions import ApiException, OpenApiException
from urllib3.exceptions import (
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    SSLError,
    TimeoutError,  # noqa: A004 - urllib3's own name
)

from watchbill.model.failures import SourceError
from watchbill.sources.errors import Asked, quoted, seconds


@contextmanager
def explained(asked: Asked) -> Iterator[None]:
    """Raises SourceError for whatever the client, urllib3 or the JSON parser raise inside."""
    try:
        yield
    except ApiException as error:
        raise _refused(error, asked) from None
    except OpenApiException as error:
        raise asked.error(f"the request is not valid: {quoted(error)}", "Correct the connection's keys, or "
                          "what include/metrics asks for", retryable=False) from None
    except HTTPError as error:
        raise _broken(error, asked) from None
    except UnicodeDecodeError as error:
        raise nonsense(asked, type(error).__name__) from None
    except ValueError:
        # http.client names a header it cannot send in full, and here that header is a key.
        raise asked.error("the request cannot be sent", "Check the connection's keys and site for stray "
                          "spaces or line breaks", retryable=False) from None


def nonsense(asked: Asked, what: str) -> SourceError:
    """An answer that is none, as from a proxy or a half-dead endpoint."""
    return asked.error(f"the answer is not Datadog's ({what})",
                       "It is asked again; if this stays, check the connection's site and any proxy",
                       retryable=True)


def _refused(error: ApiException, asked: Asked) -> SourceError:
    status = int(error.status or 0)
    said = f"Datadog answered {status}{_message(error.body)}"
    if status == 0:
        return _untrusted(asked)
    if status == 429:
        # X-RateLimit-Reset: seconds until the quota is whole again. docs.datadoghq.com/api/latest/rate-limits
        wait_s = seconds(error.headers, "X-RateLimit-Reset", "Retry-After")
        return asked.error(said, "The rate limit is used up; it is asked again when that is over",
                           retryable=True, retry_after_s=wait_s)
    if status >= 500 or status == 408:
        return asked.error(said, "It is asked again later", retryable=True,
                           retry_after_s=seconds(error.headers, "Retry-After"))
    return asked.error(said, _advice(status, asked.operation), retryable=False)


_SCOPES = {"listing metrics": "metrics_read"}  # by operation; timeseries_query else


def _advice(status: int, operation: str) -> str:
    if status == 401:
        return "Datadog does not know these keys: correct the connection's API and application key, and its site"
    if status == 403:
        return ("Correct the connection's API and application key and its site; the application key needs the "
                f"{_SCOPES.get(operation, 'timeseries_query')} permission")
    return "Nothing answers there: check the connection's site" if status == 404 else \
        "Correct what include/metrics asks for"


def _untrusted(asked: Asked) -> SourceError:
    return asked.error("the server's certificate does not hold", "Check the connection's site and any proxy",
                       retryable=False)


def _message(body: Any) -> str:
    """The `errors` of an answer, or its text; not the page that a proxy made of it."""
    errors = body.get("errors") if isinstance(body, dict) else body
    if isinstance(errors, list):
        errors = "; ".join(str((one.get("detail") or one.get("title")) if isinstance(one, dict) else one)
                           for one in errors)
    text = quoted(errors or "")
    return f": {text}" if text and not text.startswith("<") else ""


def _broken(error: HTTPError, asked: Asked) -> SourceError:
    cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
    if isinstance(cause, SSLError):
        return _untrusted(asked)
    if isinstance(cause, NewConnectionError):  # by its class a time-out too
        what = f"no connection ({quoted(cause)})"
    elif isinstance(cause, TimeoutError):
        what = "no answer in time"
    else:
        what = f"the connection broke ({type(cause).__name__})"
    return asked.error(what, "It is asked again later; check the network if this stays", retryable=True)
