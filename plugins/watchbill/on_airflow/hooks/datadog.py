"""Datadog, on the vendor's own client.

The connection (type `datadog`): password = API key; extra = `{"app_key": …, "site": "datadoghq.eu"}`.
`host` is only for a proxy or a private endpoint; the site, one of keys.SITES, names the vendor's otherwise.
"""

from datetime import datetime
from functools import cached_property
from typing import Any

from airflow.sdk import BaseHook
from datadog_api_client import ApiClient, Configuration

from watchbill.model.failures import SourceError, WatchbillError
from watchbill.on_airflow.windows import now_utc
from watchbill.sources.datadog.keys import SITES, check_api_key, check_application_key, misspelt
from watchbill.sources.errors import Asked

DEFAULT_SITE = "datadoghq.com"


class DatadogHook(BaseHook):
    """`client` is a datadog_api_client ApiClient without retries of its own."""

    conn_name_attr = "datadog_conn_id"
    default_conn_name = "datadog_default"
    conn_type = "datadog"
    hook_name = "Datadog"

    def __init__(self, datadog_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.datadog_conn_id = datadog_conn_id

    @cached_property
    def site(self) -> str:
        """`datadoghq.com`, `datadoghq.eu`, …: where the organisation lives."""
        connection = self.get_connection(self.datadog_conn_id)
        return str(connection.extra_dejson.get("site", DEFAULT_SITE))

    @cached_property
    def client(self) -> ApiClient:
        """Raises SourceError where the connection lacks a key."""
        connection = self.get_connection(self.datadog_conn_id)
        app_key = connection.extra_dejson.get("app_key")
        if not connection.password or not app_key:
            raise SourceError(
                f"the Airflow connection {self.datadog_conn_id!r} lacks a key: "
                'put the API key into its password and {"app_key": …} into its extra',
                retryable=False,
            )
        config = Configuration(  # type: ignore[no-untyped-call]
            host=connection.host or f"https://api.{self.site}", enable_retry=False
        )
        config.api_key["apiKeyAuth"] = connection.password
        config.api_key["appKeyAuth"] = app_key
        config.request_timeout = (10, 60)
        return ApiClient(config)

    def get_conn(self) -> ApiClient:
        return self.client

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """The connection form: only what we read."""
        return {
            "hidden_fields": ["schema", "login", "port"],
            "relabeling": {"password": "API key", "host": "Endpoint (empty for the site's own)"},
            "placeholders": {
                "password": "32 letters and digits, good for one site only",
                "extra": f'{{"app_key": "…", "site": "{DEFAULT_SITE}"}} - sites: {", ".join(SITES)}',
            },
        }

    def test_connection(self) -> tuple[bool, str]:
        """Airflow's Test button: are both keys good, and for the site that the connection names?"""
        try:
            self.check(now_utc())
        except WatchbillError as error:
            return False, str(error)
        return True, "Both keys are good"

    def check(self, now: datetime) -> None:
        """Makes two calls. Raises SourceError, with which of the keys is bad."""
        asked = Asked("Datadog", self.site, self.datadog_conn_id, "checking its keys")
        wrong = misspelt(self.site)
        if wrong and not self.get_connection(self.datadog_conn_id).host:
            raise asked.error(wrong, "Correct `site` in the connection's extra", retryable=False)
        check_api_key(self.client, asked)
        check_application_key(self.client, asked, now)
