"""What boto3 raises, read by a vendor's table: the part that SES and SNS share."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own name
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from watchbill.channels.refusals import Verdict, refusal, seconds
from watchbill.model.failures import TransportError

_OURS = (NoCredentialsError, NoRegionError, ParamValidationError, PartialCredentialsError)
_UNSENT = (ConnectionError, CredentialRetrievalError, SSOError, TokenRetrievalError)


@contextmanager
def explained(vendor: str, table: Mapping[str, Verdict]) -> Iterator[None]:
    """Raises TransportError for whatever a call of boto3 raises inside.

    The original is not chained: exceptions of clients carry headers, and headers carry keys.
    """
    try:
        yield
    except ClientError as error:
        raise _refused(vendor, error, table) from None
    except BotoCoreError as error:
        raise refusal(vendor, f"{type(error).__name__} on the way", _on_the_way(error)) from None
    except (ResponseParserError, AttributeError, KeyError, TypeError, ValueError) as error:
        # botocore's parser goes by the service model and falls over what does not fit.
        raise refusal(vendor, f"the answer cannot be read ({type(error).__name__})", "ambiguous") from None


def _refused(vendor: str, error: ClientError, table: Mapping[str, Verdict]) -> TransportError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    # The message about a wrong signature repeats what was signed, and with it a session's token.
    text = "" if "Signature" in code else str(error.response.get("Error", {}).get("Message", ""))[:300]
    answer = error.response.get("ResponseMetadata", {})
    verdict = table.get(code) or _by_status(int(answer.get("HTTPStatusCode", 0)))
    headers = answer.get("HTTPHeaders", {})
    return refusal(vendor, f"{code} {text}".strip(), verdict, seconds(headers.get("retry-after")))


def _by_status(status: int) -> Verdict:
    return "ambiguous" if status >= 500 and status != 503 else "retry"


def _on_the_way(error: BotoCoreError) -> Verdict:
    """Without credentials nothing was sent, nor without a connection; later failures leave it open."""
    if isinstance(error, _OURS):
        return "permanent"
    return "retry" if isinstance(error, _UNSENT) else "ambiguous"
