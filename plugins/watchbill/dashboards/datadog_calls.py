"""Datadog's dashboards API over the vendor's client; answers unread by its models, which drop what they do not know."""

import json
from collections.abc import Callable
from copy import copy
from typing import Any

from datadog_api_client import ApiClient
from datadog_api_client.exceptions import ApiException, OpenApiException
from datadog_api_client.rest import RESTClientObject
from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from urllib3.exceptions import HTTPError

from watchbill.model.failures import DashboardError

PAGE = 100
_API: Any = DashboardsApi  # its types ask for its models; answers and bodies here are plain JSON
_REST: Any = RESTClientObject


class Refused(DashboardError):
    """Datadog's answer was an error, or there was none (`status` 0)."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_ambiguous(self) -> bool:
        """Whether a write may have been done all the same."""
        return self.status == 0 or self.status >= 500


class Calls:
    """Each call is made once. Raises Refused."""

    def __init__(self, api_client: ApiClient) -> None:
        mine = copy(api_client)
        mine.configuration = copy(api_client.configuration)
        mine.configuration.preload_content = False
        mine.configuration.check_input_type = False  # bodies are checked by us, and by the server
        # The client repeats a POST on 5xx where its retries are on, and that makes a second dashboard.
        mine.configuration.enable_retry, mine.configuration.retry_policy = False, False
        mine.rest_client = _REST(mine.configuration)
        self.host = str(mine.configuration.host)
        self._api = _API(mine)

    def list(self) -> list[dict[str, Any]]:
        """{id, title, description, created_at, …} of every dashboard of the organisation; pages by offset."""
        found: list[dict[str, Any]] = []
        while True:
            start = len(found)
            page = _read("the list of dashboards", lambda: self._api.list_dashboards(count=PAGE, start=start))  # noqa: B023
            found += page["dashboards"]
            if len(page["dashboards"]) < PAGE:
                return found

    def get(self, dashboard_id: str) -> dict[str, Any]:
        return _read(dashboard_id, lambda: self._api.get_dashboard(dashboard_id))

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        return _read("a new dashboard", lambda: self._api.create_dashboard(body))

    def update(self, dashboard_id: str, body: dict[str, Any]) -> dict[str, Any]:
        return _read(dashboard_id, lambda: self._api.update_dashboard(dashboard_id, body))


def _read(what: str, call: Callable[[], Any]) -> dict[str, Any]:
    """The answer's JSON. Not chained: exceptions of the client carry headers, and headers carry keys."""
    try:
        answer = json.loads(call().data)
        if isinstance(answer, dict):
            return answer
        told, status = "the answer is not Datadog's", 0
    except ApiException as error:
        told, status = f"{error.status} {_message(error.body)}", int(error.status or 0)
    except OpenApiException as error:
        told, status = f"the request is not valid ({type(error).__name__})", 400
    except (HTTPError, ValueError) as error:
        told, status = f"no answer ({type(error).__name__})", 0
    raise Refused(f"Datadog, {what}: {told}", status)


def _message(body: Any) -> str:
    """What stands in `errors`, whether the client has parsed the body or not."""
    try:
        parsed = json.loads(body) if isinstance(body, (str, bytes)) else body
    except ValueError:
        return ""
    errors = parsed.get("errors", []) if isinstance(parsed, dict) else []
    return "; ".join(str(each) for each in errors)[:1_000] if isinstance(errors, list) else ""
