"""All monitors of an organisation: a client in, the vendor's JSON out."""

from typing import Any

from datadog_api_client import ApiClient
from datadog_api_client.v1.api.monitors_api import MonitorsApi

from watchbill.sources.errors import Asked
from watchbill.sources.errors.datadog import explained

PAGE = 1000  # the most that the vendor gives: docs.datadoghq.com/api/latest/monitors/#get-all-monitors


def all_monitors(client: ApiClient, site: str, connection: str) -> list[dict[str, Any]]:
    """In order of their ids. Raises SourceError."""
    about = Asked("Datadog", site, connection, "listing monitors", ())
    api: Any = MonitorsApi(client)  # type: ignore[no-untyped-call]
    found: list[dict[str, Any]] = []
    page: list[Any] = [None] * PAGE
    with explained(about):
        while len(page) == PAGE:
            page = api.list_monitors(page=len(found) // PAGE, page_size=PAGE)
            found += (one.to_dict() for one in page)
    return [{**one, "type": str(one.get("type"))} for one in found]
