"""Slack, on the provider's SlackHook."""

from typing import Any

from airflow.providers.slack.hooks.slack import SlackHook as ProviderSlackHook


class SlackHook(ProviderSlackHook):
    """`client` is a slack_sdk WebClient that never sends again by itself: the ledger does that."""

    def __init__(self, slack_conn_id: str = ProviderSlackHook.default_conn_name, **kwargs: Any) -> None:
        super().__init__(slack_conn_id=slack_conn_id, retry_handlers=[], timeout=30, **kwargs)
