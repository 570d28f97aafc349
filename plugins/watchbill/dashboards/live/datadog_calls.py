"""Datadog's dashboards API over the vendor's client; answers unread by its models, which drop what they do not know."""

import json
import time
from collections.abc import Callable, Collection
from copy import copy
from typing import Any

from datadog_api_client import ApiClient
from datadog_api_client.exceptions import ApiException, OpenApiException
from datadog_api_client.rest import RESTClientObject
from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from urllib3.exceptions import HTTPError

from watchbill.model.failures import DashboardError

COUNT = 1_000  # asked for in a list: the fewer pages, the less can shift between them
LEAST_PAGE = 100  # the documented default: a server that cuts `count` hardly cuts it below
BACKOFF_S = (1.0, 2.0, 4.0)
MOST_WAIT_S = 60.0
_API: Any = DashboardsApi  # its types ask for its models; answers and bodies here are plain JSON
_REST: Any = RESTClientObject


class Refused(DashboardError):
    """Datadog's answer was an error, or there was none (`status` 0)."""

    def __init__(self, message: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s

    @property
    def is_ambiguous(self) -> bool:
        """Whether a write may have been done all the same."""
        return self.status == 0 or self.status >= 500


class Calls:
    """Raises Refused. What a limit refused was not done and is asked again; so is, after a failure, what only reads."""

    def __init__(self, api_client: ApiClient, wait: Callable[[float], None] = time.sleep) -> None:
        mine = copy(api_client)
        mine.configuration = copy(api_client.configuration)
        mine.configuration.preload_content = False
        mine.configuration.check_input_type = False  # bodies are checked by us, and by the server
        # The client repeats a POST on 5xx where its retries are on, and that makes a second dashboard.
        mine.configuration.enable_retry, mine.configuration.retry_policy = False, False
        mine.rest_client = _REST(mine.configuration)
        self.host = str(mine.configuration.host)
        self._api, self._wait = _API(mine), wait

    def list(self, enough: Collection[str] = ()) -> list[dict[str, Any]]:
        """{id, title, description, created_at, modified_at, …} of every dashboard of the organisation.

        A page that is shorter than asked for may have been cut: the next is asked for too, unless the ids in `enough`
        are there.
        """
        found: dict[str, dict[str, Any]] = {}
        start = 0
        while True:
            page = _page(self._asked("the list of dashboards",
                                     lambda: self._api.list_dashboards(count=COUNT, start=start)))  # noqa: B023
            before, start = len(found), start + len(page)
            found |= page
            done = enough and len(page) < COUNT and found.keys() >= set(enough)
            if done or len(page) < LEAST_PAGE or len(found) == before:
                return list(found.values())

    def get(self, dashboard_id: str) -> dict[str, Any]:
        return self._asked(dashboard_id, lambda: self._api.get_dashboard(dashboard_id))

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._asked("a new dashboard", lambda: self._api.create_dashboard(body), once=True)

    def update(self, dashboard_id: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._asked(dashboard_id, lambda: self._api.update_dashboard(dashboard_id, body), once=True)

    def delete(self, dashboard_id: str) -> dict[str, Any]:
        return self._asked(dashboard_id, lambda: self._api.delete_dashboard(dashboard_id), once=True)

    def _asked(self, what: str, call: Callable[[], Any], *, once: bool = False) -> dict[str, Any]:
        """`once`: a write, which is made again only where it was refused by a limit."""
        for pause_s in BACKOFF_S:
            try:
                return _read(what, call)
            except Refused as error:
                if error.status != 429 and (once or not error.is_ambiguous):
                    raise
                self._wait(min(error.retry_after_s or pause_s, MOST_WAIT_S))
        return _read(what, call)


def _page(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By id. What is no list is not an empty one: everything would be made again."""
    try:
        return {str(each["id"]): each for each in answer["dashboards"]}
    except (KeyError, TypeError):
        raise Refused("Datadog, the list of dashboards: the answer is not Datadog's", 0) from None


def _read(what: str, call: Callable[[], Any]) -> dict[str, Any]:
    """The answer's JSON. Not chained: exceptions of the client carry headers, and headers carry keys."""
    after_s: float | None = None
    try:
        answer = json.loads(call().data)
        if isinstance(answer, dict):
            return answer
        told, status = "the answer is not Datadog's", 0
    except ApiException as error:
        told, status = f"{error.status} {_message(error.body)}", int(error.status or 0)
        after_s = _reset_s(error.headers)
    except OpenApiException as error:
        told, status = f"the request is not valid ({type(error).__name__})", 400
    except (HTTPError, ValueError) as error:
        told, status = f"no answer ({type(error).__name__})", 0
    raise Refused(f"Datadog, {what}: {told}", status, after_s)


def _reset_s(headers: Any) -> float | None:
    """When the limit's period is over: https://docs.datadoghq.com/api/latest/rate-limits/"""
    try:
        return float({str(name).lower(): value for name, value in headers.items()}["x-ratelimit-reset"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _message(body: Any) -> str:
    """What stands in `errors`, whether the client has parsed the body or not."""
    try:
        parsed = json.loads(body) if isinstance(body, (str, bytes)) else body
    except ValueError:
        return ""
    errors = parsed.get("errors", []) if isinstance(parsed, dict) else []
    return "; ".join(str(each) for each in errors)[:1_000] if isinstance(errors, list) else ""
