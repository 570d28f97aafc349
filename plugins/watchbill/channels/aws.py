"""What boto3 raises, read by a vendor's table: the part that SES and SNS share."""

from collections.abc import Mapping

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own name
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)

from watchbill.channels.refusals import Verdict, refusal, seconds
from watchbill.model.failures import TransportError

_OURS = (NoCredentialsError, NoRegionError, ParamValidationError, PartialCredentialsError)


def refused(vendor: str, error: ClientError | BotoCoreError, table: Mapping[str, Verdict]) -> TransportError:
    """The TransportError for whatever a call of boto3 raised."""
    if not isinstance(error, ClientError):
        return refusal(vendor, f"{type(error).__name__} on the way", _on_the_way(error))
    code = str(error.response.get("Error", {}).get("Code", ""))
    text = str(error.response.get("Error", {}).get("Message", ""))[:300]
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
    return "retry" if isinstance(error, ConnectionError) else "ambiguous"
