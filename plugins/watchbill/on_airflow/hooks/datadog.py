"""Datadog, on the vendor's own client.

The connection (type `datadog`): password = API key; extra = `{"app_key": …, "site": "datadoghq.eu"}`.
`host` is only for a proxy or a private endpoint; the site names the vendor's otherwise.
"""

from functools import cached_property
from typing import Any

from airflow.sdk import BaseHook
from datadog_api_client import ApiClient, Configuration

from watchbill.model.failures import SourceError

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
            "placeholders": {"extra": '{"app_key": "…", "site": "datadoghq.eu"}'},
        }

    def test_connection(self) -> tuple[bool, str]:
        """Airflow's Test button: are both keys good?"""
        from datadog_api_client.v1.api.authentication_api import AuthenticationApi

        try:
            AuthenticationApi(self.client).validate()  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer to the button
            return False, type(error).__name__
        return True, "Both keys are good"
