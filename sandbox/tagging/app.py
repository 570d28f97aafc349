"""The door: AWS JSON 1.1 over HTTP, as boto3's `resourcegroupstaggingapi` speaks it. Only GetResources is served."""

from collections.abc import Callable
from uuid import uuid4

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cloudwatch import model
from sandbox.cloudwatch.errors import Refused
from sandbox.cloudwatch.signature import caller_of
from sandbox.faults import Faults
from sandbox.identities import Identities, Identity
from sandbox.permissions import Permissions, action, denied
from sandbox.tagging.get_resources import get_resources
from sandbox.tagging.store import Store

SERVICE, BOTO3_SERVICE = "tagging", "resourcegroupstaggingapi"
TARGET, OPERATION = "ResourceGroupsTaggingAPI_20170126", "GetResources"
MEDIA_TYPE = "application/x-amz-json-1.1"

_CODES = {  # where JSON services have other words for it
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "ExpiredToken": "ExpiredTokenException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "MissingParameter": "InvalidParameterException",
}


def create_app(store: Store, identities: Identities, permissions: Permissions, faults: Faults,
               clock: Callable[[], float]) -> Starlette:
    async def endpoint(request: Request) -> Response:
        service, _, operation = request.headers.get("x-amz-target", "").rpartition(".")
        body = await request.body()

        def answer() -> Response:
            try:
                caller, region = caller_of(request.headers, identities, SERVICE)
                _check_allowed(permissions, caller, operation)
                asked = _read(service, operation, request.headers.get("content-type", ""), body)
                made = get_resources(store.resources(caller.account, region), asked, clock())
            except Refused as refused:
                return _refusal(refused)
            return Response(orjson.dumps(made), 200, {"x-amzn-requestid": str(uuid4())}, MEDIA_TYPE)

        return await faults.apply(SERVICE, operation, answer)

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=["POST"])])


def _check_allowed(permissions: Permissions, caller: Identity, operation: str) -> None:
    name = action(SERVICE, operation)
    if not permissions.allows(name):
        raise Refused("AccessDeniedException", denied(caller.arn, name))


def _read(service: str, operation: str, content_type: str, body: bytes) -> dict[str, object]:
    if (service, operation) != (TARGET, OPERATION) or not content_type.startswith(MEDIA_TYPE):
        raise Refused("UnknownOperationException", f"{service}.{operation} is not known in {MEDIA_TYPE}.")
    try:
        request = orjson.loads(body)
    except ValueError:
        raise Refused("SerializationException", "The request is no JSON.") from None
    model.check(operation, request, BOTO3_SERVICE)
    return request  # type: ignore[no-any-return]


def _refusal(refused: Refused) -> Response:
    """A JSON service says 400 also for what others call 403: docs.aws.amazon.com, Common Error Types."""
    said = {"__type": _CODES.get(refused.code, refused.code), "message": str(refused)}
    return Response(orjson.dumps(said), 400, {"x-amzn-requestid": str(uuid4())}, MEDIA_TYPE)
