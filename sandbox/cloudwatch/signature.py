"""Who calls, and for which region: a SigV4 header with a known key, or a refusal. No secret is checked."""

import re

from sandbox.cloudwatch.errors import Refused
from sandbox.credentials import AWS_ACCESS_KEY_ID

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)"
    r"/aws4_request, ?SignedHeaders=(?P<headers>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


def region_of(authorization: str | None) -> str:
    """The region that a request is signed for. Raises Refused with the vendor's code."""
    if not authorization:
        raise Refused("MissingAuthenticationToken", "Missing Authentication Token", 403)
    found = _HEADER.fullmatch(authorization)
    if found is None:
        raise Refused("IncompleteSignature", "The request signature does not conform to AWS standards.")
    if found["key"] != AWS_ACCESS_KEY_ID:
        raise Refused("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    if found["service"] != "monitoring":
        raise Refused(
            "SignatureDoesNotMatch", "Credential should be scoped to correct service: 'monitoring'.", 403
        )
    return found["region"]
