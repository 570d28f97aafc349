"""Clients of boto3 as far as planning uses them: they answer from memory, and refuse or fail when told to."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
PAGE = 500


class Events:
    def __init__(self) -> None:
        self.handlers: list[tuple[str, Callable[..., Any]]] = []

    def register(self, name: str, handler: Callable[..., Any]) -> None:
        self.handlers.append((name, handler))

    def unregister(self, name: str, handler: Callable[..., Any]) -> None:
        self.handlers.remove((name, handler))

    def sent(self) -> None:
        for _, handler in self.handlers:
            handler(request=None)


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "X")


@dataclass
class CloudWatch:
    """Lists metrics: (namespace, name, dimensions) of `account`, and of others where they are `linked` to it."""

    metrics: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    linked: dict[str, list[tuple[str, str, dict[str, str]]]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    fails: Exception | None = None

    def __post_init__(self) -> None:
        self.metrics = list(self.metrics)
        self.meta = SimpleNamespace(events=Events())

    def get_paginator(self, operation: str) -> "CloudWatch":
        assert operation == "list_metrics"
        return self

    def paginate(self, **question: Any) -> Iterator[dict[str, Any]]:
        assert len(question["Dimensions"]) <= 10
        self.asked.append(question)
        found = list(self._found(question))
        for first in range(0, max(1, len(found)), PAGE):
            self.meta.events.sent()
            if self.fails:
                raise self.fails
            page = found[first:first + PAGE]
            yield {"Metrics": [metric for _, metric in page]} | (
                {"OwningAccounts": [owner for owner, _ in page]} if question.get("IncludeLinkedAccounts") else {})

    def _found(self, question: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        everybody = {ACCOUNT: self.metrics, **(self.linked if question.get("IncludeLinkedAccounts") else {})}
        for owner, metrics in everybody.items():
            for namespace, name, dimensions in metrics:
                if (owner == question.get("OwningAccount", owner) and namespace == question["Namespace"]
                        and name == question.get("MetricName", name) and all(
                            one["Name"] in dimensions and one.get("Value", dimensions[one["Name"]])
                            == dimensions[one["Name"]] for one in question["Dimensions"])):
                    yield owner, {"Namespace": namespace, "MetricName": name, "Dimensions": [
                        {"Name": key, "Value": value} for key, value in dimensions.items()]}


@dataclass
class Tagged:
    """GetResources: tags by ARN."""

    resources: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    fails: Exception | None = None

    def __post_init__(self) -> None:
        self.meta = SimpleNamespace(events=Events())

    def get_paginator(self, operation: str) -> "Tagged":
        assert operation == "get_resources"
        return self

    def paginate(self, **question: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(question)
        self.meta.events.sent()
        if self.fails:
            raise self.fails
        yield {"PaginationToken": "", "ResourceTagMappingList": [
            {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            for arn, tags in self.resources.items()
            if any(_is_of(arn, kind) for kind in question["ResourceTypeFilters"])]}


def _is_of(arn: str, kind: str) -> bool:
    service, _, resource = kind.partition(":")
    parts = arn.split(":", 5)
    return parts[2] == service and parts[5].startswith(resource)


@dataclass
class Memory:
    """Where listings are kept: as JSON would come back, and gone after a day."""

    kept: dict[str, tuple[datetime, Any]] = field(default_factory=dict)

    def get(self, key: str, now: datetime) -> Any | None:
        at, value = self.kept.get(key, (now, None))
        return value if now - at < timedelta(days=1) else None

    def put(self, key: str, value: Any, now: datetime) -> None:
        self.kept[key] = now, json.loads(json.dumps(value))
