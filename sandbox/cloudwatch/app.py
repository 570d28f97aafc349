"""The door: AWS JSON 1.0 over HTTP in, as boto3 speaks it; one operation done; its answer or refusal out."""

import gzip
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cloudwatch import alarms, dashboards, model
from sandbox.cloudwatch.accounts import Accounts
from sandbox.cloudwatch.errors import Refused, access_denied
from sandbox.cloudwatch.get_metric_data import Trouble, get_metric_data
from sandbox.cloudwatch.get_metric_statistics import get_metric_statistics
from sandbox.cloudwatch.list_metrics import list_metrics
from sandbox.cloudwatch.put_metric_data import put_metric_data
from sandbox.cloudwatch.signature import caller_of
from sandbox.faults import Fault, Faults
from sandbox.identities import Identities
from sandbox.permissions import Permissions, action

SERVICE = "cloudwatch"
MEDIA_TYPE = "application/x-amz-json-1.0"
LARGEST_REQUEST_BYTES = 1024 * 1024  # of PutMetricData, as sent

_ON_METRICS = {
    "PutMetricData": put_metric_data,
    "GetMetricStatistics": get_metric_statistics,
}
_ON_DASHBOARDS = {
    "PutDashboard": dashboards.put_dashboard,
    "GetDashboard": dashboards.get_dashboard,
    "ListDashboards": dashboards.list_dashboards,
    "DeleteDashboards": dashboards.delete_dashboards,
}
_ON_ALARMS = {
    "PutMetricAlarm": alarms.put_metric_alarm,
    "PutCompositeAlarm": alarms.put_composite_alarm,
    "DescribeAlarms": alarms.describe_alarms,
    "DeleteAlarms": alarms.delete_alarms,
    "SetAlarmState": alarms.set_alarm_state,
}
_ON_TAGS = {  # of whichever the ARN names
    "ListTagsForResource": lambda store, request, now: (
        dashboards if dashboards.is_dashboard(request["ResourceARN"]) else alarms
    ).list_tags_for_resource(store, request, now),
    "TagResource": dashboards.tag_resource,
}
_ON_STORES = _ON_DASHBOARDS | _ON_ALARMS | _ON_TAGS
OPERATIONS = ("GetMetricData", "ListMetrics", *_ON_METRICS, *_ON_STORES)


def create_app(accounts: Accounts, identities: Identities, permissions: Permissions, faults: Faults,
               clock: Callable[[], float]) -> Starlette:
    """CloudWatch of all accounts: the key that signed tells which, its scope in which region.

    `clock` gives epoch seconds; every age is measured by it.

    A `partial` fault on GetMetricData gives a page with half of its points, to be gone on with; with the body
    InternalError or Forbidden, every other result has that status instead and no points. Any other body is cut in
    its middle, as elsewhere.
    """
    cloudwatch = _CloudWatch(accounts, identities, permissions, clock)

    async def answer(request: Request) -> Response:
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        fault = faults.take(SERVICE, operation)
        trouble = _trouble(fault, operation)
        if fault and trouble:
            fault = replace(fault, partial=False, body=None)

        async def made() -> Response:
            body = await request.body()
            return await run_in_threadpool(cloudwatch.answer, operation, request.headers, body, trouble)

        return await _alone(fault).apply(SERVICE, operation, made)

    return Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])


def _trouble(fault: Fault | None, operation: str) -> Trouble | None:
    """What a partial fault means to GetMetricData."""
    if fault is None or not fault.partial or operation != "GetMetricData":
        return None
    if fault.body is None:
        return "PartialData"
    return fault.body if fault.body in ("InternalError", "Forbidden") else None


def _alone(fault: Fault | None) -> Faults:
    """Faults that trouble one call with this one."""
    faults = Faults()
    if fault:
        faults.add(replace(fault, times=1, skip=0))
    return faults


class _CloudWatch:
    """What the accounts hold, who may ask, and the clock that all goes by."""

    def __init__(self, accounts: Accounts, identities: Identities, permissions: Permissions,
                 clock: Callable[[], float]) -> None:
        self._accounts, self._clock = accounts, clock
        self._identities, self._permissions = identities, permissions

    def answer(
        self, operation: str, headers: Mapping[str, str], body: bytes, trouble: Trouble | None
    ) -> Response:
        request_id = {"x-amzn-requestid": str(uuid4())}
        try:
            made = self._do(operation, headers, body, trouble)
        except Refused as refused:
            refusal = orjson.dumps(refused.body)
            return Response(refusal, refused.status, refused.headers | request_id, MEDIA_TYPE)
        return Response(orjson.dumps(made, option=orjson.OPT_SERIALIZE_NUMPY), 200, request_id, MEDIA_TYPE)

    def _do(
        self, operation: str, headers: Mapping[str, str], body: bytes, trouble: Trouble | None
    ) -> dict[str, Any]:
        caller, region = caller_of(headers, self._identities)
        if not self._permissions.allows(action(SERVICE, operation)):
            raise access_denied(caller.arn, action(SERVICE, operation))
        request = _read(operation, headers, body)
        if request.get("Tags") and not self._permissions.allows(action(SERVICE, "TagResource")):
            raise access_denied(caller.arn, action(SERVICE, "TagResource"))
        now, store = self._clock(), self._accounts.of(caller.account, region)
        if operation in _ON_STORES:
            return _ON_STORES[operation](store, request, now)
        if operation == "GetMetricData":
            return get_metric_data(self._accounts.view(caller.account, region), request, now, trouble)
        if operation == "ListMetrics":
            return list_metrics(self._accounts.view(caller.account, region), request, now)
        return _ON_METRICS[operation](store.metrics, request, now)


def _read(operation: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The request's members, checked against the service model. Raises Refused."""
    if not headers.get("content-type", "").startswith(MEDIA_TYPE) or operation not in OPERATIONS:
        raise Refused("UnknownOperationException", f"{operation!r} is not known in {MEDIA_TYPE}.")
    if operation == "PutMetricData" and len(body) > LARGEST_REQUEST_BYTES:
        raise Refused("RequestEntityTooLarge", f"Request size exceeded {LARGEST_REQUEST_BYTES} bytes.", 413)
    try:
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        request = orjson.loads(body)
    except (ValueError, OSError, EOFError, zlib.error):
        raise Refused("SerializationException", "The request is no JSON, or not encoded so.") from None
    model.check(operation, request)
    return request  # type: ignore[no-any-return]
