"""Dashboards kept in CloudWatch, over the boto3 client passed in."""

import json
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from watchbill.dashboards.cloud import Body, Held
from watchbill.dashboards.to_cloudwatch import PREFIX, cloudwatch_name, to_cloudwatch
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import DashboardError

_Answer = TypeVar("_Answer")
_CONSOLES = {"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn",
             "aws-us-gov": "console.amazonaws-us-gov.com"}


class CloudWatchCloud:
    """PutDashboard is by name and replaces: repeating it changes nothing, and no second one can arise."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._region = str(client.meta.region_name)

    def render(self, dashboard: Dashboard) -> Body:
        return to_cloudwatch(dashboard, self._region)

    def comparable(self, body: Body) -> Body:
        """All of it: CloudWatch gives back what it was given."""
        return body

    def list(self) -> dict[str, str]:
        pages = self._client.get_paginator("list_dashboards").paginate(DashboardNamePrefix=PREFIX)
        found = _explained("ListDashboards", lambda: [entry["DashboardName"] for page in pages
                                                      for entry in page.get("DashboardEntries", [])])
        return {name.removeprefix(PREFIX): name for name in found}

    def get(self, ref: str) -> Held | None:
        text = _explained("GetDashboard", lambda: self._get(ref))
        return None if text is None else self._held(ref, text)

    def create(self, dashboard_id: str, body: Body) -> Held:
        return self._put(cloudwatch_name(dashboard_id), body)

    def update(self, held: Held, body: Body) -> Held:
        now = self.get(held.ref)
        if now is None or now.version != held.version:
            raise DashboardError(f"CloudWatch: {held.ref} was changed since it was compared: run the sync again")
        return self._put(held.ref, body)

    def _get(self, ref: str) -> str | None:
        try:
            return str(self._client.get_dashboard(DashboardName=ref)["DashboardBody"])
        except ClientError as error:
            # The model's name, and the one that the service sends.
            if error.response.get("Error", {}).get("Code") in ("ResourceNotFound", "DashboardNotFoundError"):
                return None
            raise

    def _put(self, name: str, body: Body) -> Held:
        text = json.dumps(body, ensure_ascii=False)
        _explained("PutDashboard", lambda: self._client.put_dashboard(DashboardName=name, DashboardBody=text))
        return self._held(name, text)

    def _held(self, ref: str, text: str) -> Held:
        try:
            body = json.loads(text)
        except ValueError as error:
            raise DashboardError(f"CloudWatch: the body of {ref} is no JSON") from error
        version = blake2b(text.encode(), digest_size=16).hexdigest()  # CloudWatch keeps none
        return Held(ref, body, version, self._url(ref))

    def _url(self, ref: str) -> str:
        console = _CONSOLES.get(self._client.meta.partition, _CONSOLES["aws"])
        region = self._region
        return f"https://{region}.{console}/cloudwatch/home?region={region}#dashboards/dashboard/{ref}"


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
