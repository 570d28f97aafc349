"""Dashboards kept in Datadog, over the vendor's client passed in."""

import re
from typing import Any

from datadog_api_client import ApiClient

from watchbill.dashboards.cloud import Body, Held
from watchbill.dashboards.compare import normalise
from watchbill.dashboards.datadog_calls import Calls, Refused
from watchbill.dashboards.to_datadog import owned, to_datadog
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import DashboardError


class DatadogCloud:
    """Ids are Datadog's and titles may repeat: a dashboard is found again by the marker in its description."""

    def __init__(self, api_client: ApiClient) -> None:
        self._calls = Calls(api_client)

    def render(self, dashboard: Dashboard) -> Body:
        return to_datadog(dashboard)

    def comparable(self, body: Body) -> Body:
        return normalise("datadog", body)

    def list(self) -> dict[str, str]:
        """Of two with the same marker (a clone keeps it) the older is ours."""
        found = sorted(self._calls.list(), key=lambda each: str(each.get("created_at")), reverse=True)
        marked = ((owned(each.get("description")), str(each["id"])) for each in found)
        return {name: ref for name, ref in marked if name is not None}

    def get(self, ref: str) -> Held | None:
        try:
            return self._held(self._calls.get(ref))
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def create(self, dashboard_id: str, body: Body) -> Held:
        """Looks first, and again after a failure that may hide a success: a POST is never simply repeated."""
        ref = self.list().get(dashboard_id)
        if ref is None:
            try:
                return self._held(self._calls.create(body))
            except Refused as error:
                ref = self.list().get(dashboard_id) if error.is_ambiguous else None
                if ref is None:
                    raise
        return self._held(self._calls.update(ref, body))

    def update(self, held: Held, body: Body) -> Held:
        """PUT knows no version, so the newest is read before it."""
        now = self.get(held.ref)
        if now is None or now.version != held.version:
            raise DashboardError(f"Datadog: {held.ref} was changed since it was compared: run the sync again")
        return self._held(self._calls.update(held.ref, body))

    def _held(self, answer: dict[str, Any]) -> Held:
        try:
            ref, version = str(answer["id"]), str(answer["modified_at"])
            return Held(ref, normalise("datadog", answer), version, app_url(self._calls.host) + str(answer["url"]))
        except (KeyError, TypeError, AttributeError):
            raise Refused("Datadog: the answer is no dashboard", 0) from None


def app_url(host: str) -> str:
    """Where people look: https://app.datadoghq.eu for the API's https://api.datadoghq.eu, https://us5… for api.us5…"""
    site = re.fullmatch(r"https://api\.((?:\w+\.)?(?:datadoghq\.\w+|ddog-gov\.com))/?", host)
    if site is None:
        return host
    return f"https://{site[1]}" if site[1].count(".") > 1 else f"https://app.{site[1]}"
