"""Airflow connections -> what reads a target of a source. Imported inside tasks and commands only."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from watchbill.flows.plan_collection import OpenReader
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError
from watchbill.model.metrics import MetricEntry
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Request

log = structlog.get_logger("watchbill")


def readers(lake: Lake | None = None) -> OpenReader:
    """What opens a reader of a target, and raises SourceError. `lake`: keeps what AWS lists, where there is one."""
    listings = LakeListings(lake) if lake else None
    return lambda target: CloudWatchReader(target, listings) if target.source == "cloudwatch" else DatadogReader(target)


class LakeListings:
    """What AWS lists, kept in the lake for all workers. Where the lake fails, it is listed again."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def get(self, key: str, now: datetime) -> Any | None:  # noqa: ARG002 - the answer tells its own time
        try:
            return self._lake.kept(key)
        except LakeError as error:
            log.warning("listing_not_kept", error=str(error))
            return None

    def put(self, key: str, value: Any, now: datetime) -> None:  # noqa: ARG002
        try:
            self._lake.keep(key, value)
        except LakeError as error:
            log.warning("listing_not_kept", error=str(error))


class CloudWatchReader:
    """CloudWatch through an Airflow connection; the account's number is asked of STS."""

    def __init__(self, target: Target, listings: LakeListings | None) -> None:
        from watchbill.on_airflow.hooks.aws import CloudWatchHook

        self._target, self._listings = target, listings
        self._hook = CloudWatchHook(target.connection, **self._place())

    def plan(self, entries: Sequence[MetricEntry], window: Window, now: datetime,
             settle: timedelta | None) -> list[Request]:
        from watchbill.sources import cloudwatch

        hook = self._hook
        return cloudwatch.plan(hook.client(), entries, self._target, hook.account(), str(hook.conn_region_name),
                               window, now, settle=settle, listings=self._listings, tagging=self._tagging)

    def _place(self) -> dict[str, Any]:
        target = self._target
        return {"role": target.role, "external_id": target.external_id, "region_name": target.region or None}

    def _tagging(self) -> Any:
        from watchbill.on_airflow.hooks.aws import TaggingHook

        return TaggingHook(self._target.connection, **self._place()).conn

    def fetch(self, request: Request) -> Fetched:
        from watchbill.sources import cloudwatch

        return cloudwatch.fetch(self._hook.client(), request)


class DatadogReader:
    """Datadog through an Airflow connection."""

    def __init__(self, target: Target) -> None:
        from watchbill.on_airflow.hooks.datadog import DatadogHook

        self._target = target
        self._hook = DatadogHook(target.connection)

    def plan(self, entries: Sequence[MetricEntry], window: Window, now: datetime,
             settle: timedelta | None) -> list[Request]:
        from watchbill.sources import datadog

        return datadog.plan(entries, self._target, self._hook.site, window, now, settle=settle)

    def fetch(self, request: Request) -> Fetched:
        from watchbill.sources import datadog

        return datadog.fetch(self._hook.client, request)
