"""Dashboards as they stand in an account or organisation, whoever made them, for who takes them over."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from watchbill.dashboards.ownership import cloudwatch_id, owned
from watchbill.model.clouds import Cloud
from watchbill.model.failures import DashboardError


@dataclass(frozen=True)
class Existing:
    cloud: Cloud
    ref: str  # CloudWatch's name, Datadog's id; "" for one of a file
    title: str
    body: Any


def cloudwatch_names(client: Any, owner: str) -> list[str]:
    """Of boto3's CloudWatch client, but for those that are kept from a declaration already. Raises DashboardError."""
    try:
        pages = client.get_paginator("list_dashboards").paginate()
        found = [str(entry["DashboardName"]) for page in pages for entry in page.get("DashboardEntries", [])]
        return [name for name in found if cloudwatch_id(owner, name) is None]
    except (ClientError, BotoCoreError) as error:
        raise _refused("the list of dashboards", error) from None


def cloudwatch_dashboard(client: Any, name: str) -> Existing:
    """Raises DashboardError."""
    try:
        text = client.get_dashboard(DashboardName=name)["DashboardBody"]
    except (ClientError, BotoCoreError) as error:
        raise _refused(name, error) from None
    return Existing("cloudwatch", name, name, _json(text, name))


def datadog_ids(calls: Any, owner: str) -> list[str]:
    """Of datadog_calls.Calls, but for those that are kept from a declaration already."""
    return [str(each["id"]) for each in calls.list() if owned(each.get("description"), owner) is None]


def datadog_dashboard(calls: Any, dashboard_id: str) -> Existing:
    body = calls.get(dashboard_id)
    return Existing("datadog", dashboard_id, str(body.get("title") or dashboard_id), body)


def in_file(cloud: Cloud, document: Any, name: str) -> Iterator[Existing]:
    """A body, or what a call or a template has around it: `DashboardName` and `DashboardBody` of CloudWatch, a list of
    Datadog's dashboards."""
    if isinstance(document, dict) and isinstance(document.get("Properties"), dict):
        document = document["Properties"]
    if isinstance(document, dict) and "DashboardBody" in document:
        live = str(document.get("DashboardName") or "")
        body = document["DashboardBody"]
        yield Existing(cloud, live if "DashboardArn" in document else "", live or name,
                       _json(body, name) if isinstance(body, str) else body)
    elif isinstance(document, dict) and isinstance(document.get("dashboards"), list):
        for each in document["dashboards"]:
            yield from in_file(cloud, each, name)
    else:
        title = document.get("title") if isinstance(document, dict) and cloud == "datadog" else None
        yield Existing(cloud, "", str(title or name), document)


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DashboardError(f"the body of {name} is no JSON: {error}") from None


def _refused(what: str, error: Exception) -> DashboardError:
    """Not chained: exceptions of clients carry headers, and headers carry keys."""
    said = getattr(error, "response", {}).get("Error", {})
    told = f"{said.get('Code')}: {str(said.get('Message', ''))[:300]}" if said else type(error).__name__
    return DashboardError(f"CloudWatch, {what}: {told}")
