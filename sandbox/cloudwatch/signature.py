"""Who calls, and for which region: a SigV4 header with a known key, or a refusal. No secret is checked."""

import re
from collections.abc import Mapping

from sandbox.cloudwatch.errors import Refused
from sandbox.identities import Identities, Identity, UnknownKeyError

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)"
    r"/aws4_request, ?SignedHeaders=(?P<headers>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


def caller_of(headers: Mapping[str, str], identities: Identities, service: str = "monitoring") -> tuple[Identity, str]:
    """The caller, and the region that a request is signed for. Raises Refused with the vendor's code."""
    authorization = headers.get("authorization")
    if not authorization:
        raise Refused("MissingAuthenticationToken", "Missing Authentication Token", 403)
    found = _HEADER.fullmatch(authorization)
    if found is None:
        raise Refused("IncompleteSignature", "The request signature does not conform to AWS standards.")
    try:
        identity = identities.of(found["key"], headers.get("x-amz-security-token"))
    except UnknownKeyError as unknown:
        raise Refused(unknown.code, str(unknown), 403) from None
    if found["service"] != service:
        raise Refused(
            "SignatureDoesNotMatch", f"Credential should be scoped to correct service: '{service}'.", 403
        )
    return identity, found["region"]
