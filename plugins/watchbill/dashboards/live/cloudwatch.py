"""Dashboards kept in CloudWatch, over the boto3 client passed in."""

import json
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from watchbill.dashboards.compare import digest, normalise
from watchbill.dashboards.live.cloud import Body, Held, Listed
from watchbill.dashboards.ownership import OWNER, TAG, cloudwatch_id, cloudwatch_name, tag_value
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import Changed, DashboardError

_Answer = TypeVar("_Answer")
_CONSOLES = {"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn",
             "aws-us-gov": "console.amazonaws-us-gov.com"}
_GONE = ("ResourceNotFound", "DashboardNotFoundError", "ResourceNotFoundException")  # one fault, three names


class CloudWatchCloud:
    """PutDashboard is by name and replaces: repeating it changes nothing, and no second one can arise.

    Dashboards are global to the account; the region is of the widgets that name none.
    """

    def __init__(self, client: Any, owner: str = OWNER) -> None:
        self._client = client
        self._owner = owner
        self._region = str(client.meta.region_name)

    def render(self, dashboard: Dashboard) -> Body:
        return to_cloudwatch(dashboard, self._region)

    def tags(self, dashboard: Dashboard) -> dict[str, str]:
        pairs = (tag.partition(":") for tag in getattr(dashboard, "tags", ()))
        return {key: value for key, _, value in pairs} | {TAG: tag_value(self._owner, dashboard.id)}

    def comparable(self, body: Body) -> Body:
        return normalise("cloudwatch", body)

    def list(self, adopted: Collection[str] = (), *, enough: Collection[str] = ()) -> list[Listed]:  # noqa: ARG002
        """By our names alone, or all names where one of somebody else's is adopted: one call either way."""
        prefix = cloudwatch_name(self._owner, "")
        narrow = {"DashboardNamePrefix": prefix} if all(each.startswith(prefix) for each in adopted) else {}
        pages = self._client.get_paginator("list_dashboards").paginate(**narrow)
        entries = _explained("ListDashboards", lambda: [self._entry(entry) for page in pages
                                                        for entry in page.get("DashboardEntries", [])])
        return [entry for entry in entries if entry.id is not None or entry.ref in adopted]

    def owns(self, listed: Listed) -> bool:
        """A name can be anybody's; our tag is not."""
        found = _explained("ListTagsForResource", lambda: self._client.list_tags_for_resource(
            ResourceARN=listed.arn)["Tags"])
        return any(tag["Key"] == TAG and tag["Value"].partition("/")[0] == self._owner for tag in found)

    def get(self, ref: str) -> Held | None:
        found = _explained("GetDashboard", lambda: self._get(ref))
        return None if found is None else self._held(ref, *found)

    def raw(self, ref: str) -> Body | None:
        found = _explained("GetDashboard", lambda: self._get(ref))
        return None if found is None else _read(ref, found[0])

    def create(self, dashboard_id: str, body: Body, tags: dict[str, str]) -> Held:
        name = cloudwatch_name(self._owner, dashboard_id)
        return self._put(name, body, Tags=_pairs(tags))

    def find(self, dashboard_id: str) -> Held | None:
        return self.get(cloudwatch_name(self._owner, dashboard_id))

    def update(self, held: Held, body: Body, tags: dict[str, str]) -> Held:
        now = self.get(held.ref)
        if now is None or now.version != held.version:
            raise Changed(f"CloudWatch: {held.ref} was changed since it was compared: plan again")
        pairs = _pairs(tags)  # PutDashboard ignores them here; first they say whose it is
        _explained("TagResource", lambda: self._client.tag_resource(ResourceARN=now.arn, Tags=pairs))
        return self._put(held.ref, body)

    def delete(self, ref: str) -> None:
        _explained("DeleteDashboards", lambda: self._delete(ref))

    def _get(self, ref: str) -> tuple[str, str] | None:
        """Its text and its ARN."""
        try:
            answer = self._client.get_dashboard(DashboardName=ref)
            return str(answer["DashboardBody"]), str(answer["DashboardArn"])
        except ClientError as error:
            if _is_gone(error):
                return None
            raise

    def _delete(self, ref: str) -> None:
        try:
            self._client.delete_dashboards(DashboardNames=[ref])
        except ClientError as error:
            if not _is_gone(error):
                raise

    def _put(self, name: str, body: Body, **more: Any) -> Held:
        text = json.dumps(body, ensure_ascii=False)
        _explained("PutDashboard", lambda: self._client.put_dashboard(DashboardName=name, DashboardBody=text, **more))
        return self._held(name, text)

    def _entry(self, entry: dict[str, Any]) -> Listed:
        name = str(entry["DashboardName"])
        # Its time may be told in whole seconds: the size sees most of what the second hides.
        version = f"{entry['LastModified'].isoformat()} {entry.get('Size', '')}"
        return Listed(name, cloudwatch_id(self._owner, name), version, arn=str(entry.get("DashboardArn", "")),
                      url=self._url(name))

    def _held(self, ref: str, text: str, arn: str = "") -> Held:
        normal = normalise("cloudwatch", _read(ref, text))
        return Held(ref, normal, digest(normal), self._url(ref), arn=arn)  # GetDashboard tells no version

    def _url(self, ref: str) -> str:
        console = _CONSOLES.get(self._client.meta.partition, _CONSOLES["aws"])
        region = self._region
        return f"https://{region}.{console}/cloudwatch/home?region={region}#dashboards/dashboard/{ref}"


def _read(ref: str, text: str) -> Body:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise DashboardError(f"CloudWatch: the body of {ref} is no JSON") from error
    if not isinstance(body, dict):
        raise DashboardError(f"CloudWatch: the body of {ref} is no object")
    return body


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _is_gone(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") in _GONE


def _explained(operation: str, call: Callable[[], _Answer]) -> _Answer:
    """The answer, or DashboardError. Not chained: exceptions of clients carry headers, and headers carry keys."""
    try:
        return call()
    except ClientError as error:
        said = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        text = "" if "Signature" in said.get("Code", "") else said.get("Message", "")[:1_000]
        told = f"CloudWatch: {operation} was refused with {status} {said.get('Code', '')}: {text}"
    except (BotoCoreError, ResponseParserError, AttributeError, KeyError, TypeError, ValueError) as error:
        told = f"CloudWatch: {operation} failed ({type(error).__name__})"
    raise DashboardError(told)
