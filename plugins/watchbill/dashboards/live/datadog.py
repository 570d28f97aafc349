"""Dashboards kept in Datadog, over the vendor's client passed in."""

import re
import time
from collections.abc import Callable, Collection
from typing import Any

from datadog_api_client import ApiClient

from watchbill.dashboards.compare import normalise
from watchbill.dashboards.live.cloud import Body, Held, Listed
from watchbill.dashboards.live.datadog_calls import Calls, Refused
from watchbill.dashboards.normal_datadog import ADDED
from watchbill.dashboards.ownership import OWNER, marked, owned
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import Changed

PATIENCE_S = (0.0, 1.0, 2.0, 4.0)  # what was just made may not be listed yet


class DatadogCloud:
    """Ids are Datadog's and titles may repeat: a dashboard is found again by the mark in its description."""

    def __init__(self, api_client: ApiClient, owner: str = OWNER, wait: Callable[[float], None] = time.sleep) -> None:
        self._calls = Calls(api_client, wait)
        self._owner, self._wait = owner, wait

    def render(self, dashboard: Dashboard) -> Body:
        body = to_datadog(dashboard)
        return body | {"description": marked(body.get("description"), self._owner, dashboard.id)}

    def tags(self, dashboard: Dashboard) -> dict[str, str]:  # noqa: ARG002
        """None: they are in the body."""
        return {}

    def comparable(self, body: Body) -> Body:
        return normalise("datadog", body)

    def list(self, adopted: Collection[str] = (), *, enough: Collection[str] = ()) -> list[Listed]:
        found = sorted((self._entry(each) for each in self._calls.list(enough)),
                       key=lambda each: (each.created_at, each.ref))
        return [each for each in found if each.id is not None or each.ref in adopted]

    def owns(self, listed: Listed) -> bool:
        return listed.id is not None

    def get(self, ref: str) -> Held | None:
        found = self._get(ref)
        return None if found is None else self._held(found)

    def raw(self, ref: str) -> Body | None:
        found = self._get(ref)
        return None if found is None else {key: value for key, value in found.items() if key not in ADDED}

    def create(self, dashboard_id: str, body: Body, tags: dict[str, str]) -> Held:  # noqa: ARG002
        """A failure that may hide a success is looked behind: a POST is never simply repeated."""
        try:
            return self._held(self._calls.create(body))
        except Refused as error:
            made = self.find(dashboard_id) if error.is_ambiguous else None
            if made is None:
                raise
            return made

    def find(self, dashboard_id: str) -> Held | None:
        """A GET can be 404 just after the POST, and the list late."""
        for pause_s in PATIENCE_S:
            self._wait(pause_s)
            ref = next((each.ref for each in self.list() if each.id == dashboard_id), None)
            made = self.get(ref) if ref else None
            if made is not None:
                return made
        return None

    def update(self, held: Held, body: Body, tags: dict[str, str]) -> Held:  # noqa: ARG002
        """PUT knows no version, so the newest is read before it."""
        now = self.get(held.ref)
        if now is None or now.version != held.version:
            raise Changed(f"Datadog: {held.ref} was changed since it was compared: plan again")
        try:
            return self._held(self._calls.update(held.ref, body))
        except Refused as error:
            written = self.get(held.ref) if error.is_ambiguous else None
            if written is None or written.body != self.comparable(body):
                raise
            return written

    def delete(self, ref: str) -> None:
        try:
            self._calls.delete(ref)
        except Refused as error:
            if error.status != 404 and not (error.is_ambiguous and self.get(ref) is None):
                raise

    def _get(self, ref: str) -> dict[str, Any] | None:
        try:
            return self._calls.get(ref)
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def _entry(self, entry: dict[str, Any]) -> Listed:
        try:
            url = app_url(self._calls.host) + str(entry.get("url", ""))
            return Listed(str(entry["id"]), owned(entry.get("description"), self._owner), str(entry["modified_at"]),
                          str(entry.get("created_at")), url=url)
        except (KeyError, TypeError, AttributeError):
            raise Refused("Datadog: the list holds what is no dashboard", 0) from None

    def _held(self, answer: dict[str, Any]) -> Held:
        try:
            ref, version = str(answer["id"]), str(answer["modified_at"])
            url = app_url(self._calls.host) + str(answer["url"])
            return Held(ref, normalise("datadog", answer), version, url, listed=version)
        except (KeyError, TypeError, AttributeError):
            raise Refused("Datadog: the answer is no dashboard", 0) from None


def app_url(host: str) -> str:
    """Where people look: https://app.datadoghq.eu for the API's https://api.datadoghq.eu, https://us5… for api.us5…"""
    site = re.fullmatch(r"https://api\.((?:\w+\.)?(?:datadoghq\.\w+|ddog-gov\.com))/?", host)
    if site is None:
        return host
    return f"https://{site[1]}" if site[1].count(".") > 1 else f"https://app.{site[1]}"
