"""The Datadog connection: what its form says, and which of its keys is bad."""

import json
from typing import Any

import pytest

from sandbox import credentials
from sandbox.server import Sandbox
from tests.sandbox_fixtures import sandbox, sandbox_server  # noqa: F401 - fixtures
from watchbill.sources.datadog.keys import SITES

GOOD = {"password": credentials.DATADOG_API_KEY, "extra": {"app_key": credentials.DATADOG_APPLICATION_KEY}}
NAMED = "Datadog in datadoghq.com (connection dd), checking its keys: "


@pytest.fixture
def tested(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: F811
    from watchbill.on_airflow.hooks.datadog import DatadogHook

    def test(**given: Any) -> tuple[bool, str]:
        declared = {"conn_type": "datadog", "host": f"{sandbox.url}/datadog", **GOOD, **given}
        monkeypatch.setenv("AIRFLOW_CONN_DD", json.dumps(declared))
        return DatadogHook("dd").test_connection()
    return test


def test_two_good_keys_are_good(tested: Any, sandbox: Sandbox) -> None:  # noqa: F811
    assert tested() == (True, "Both keys are good")
    assert sandbox.faults.calls == {("datadog", "GET /api/v1/validate"): 1,
                                    ("datadog", "POST /api/v2/query/timeseries"): 1}


def test_a_bad_api_key_is_named_and_not_shown(tested: Any) -> None:
    assert tested(password="0" * 32) == (False, (
        f"{NAMED}its API key is not known there. Correct the connection's password, and `site` in its extra: keys are "
        "good for one site only"))


BAD_APPLICATION_KEY = (
    f"{NAMED}its application key is not that organisation's, or may not read timeseries. Correct app_key in the "
    "connection's extra, and give the key the scope timeseries_query")


@pytest.mark.parametrize("key", ["1" * 40, credentials.OTHER_DATADOG_APPLICATION_KEY])
def test_a_bad_application_key_is_named_and_not_shown(tested: Any, key: str) -> None:
    assert tested(extra={"app_key": key}) == (False, BAD_APPLICATION_KEY)


def test_an_application_key_without_the_scope_is_named(tested: Any, sandbox: Sandbox) -> None:  # noqa: F811
    sandbox.allow(None, datadog={"dashboards_read"})
    assert tested() == (False, BAD_APPLICATION_KEY)


def test_a_missing_key_is_told(tested: Any) -> None:
    good, said = tested(extra={})
    assert not good
    assert said.startswith("the Airflow connection 'dd' lacks a key: put the API key into its password")


def test_nobody_at_the_door_is_told(tested: Any) -> None:
    good, said = tested(host="http://127.0.0.1:9")
    assert (good, said.partition(" (<")[0].startswith(f"{NAMED}no connection")) == (False, True)


def test_a_site_that_is_none_is_told_before_any_call(tested: Any, sandbox: Sandbox) -> None:  # noqa: F811
    good, said = tested(host="", extra={**GOOD["extra"], "site": "app.datadoghq.eu"})  # type: ignore[dict-item]
    assert not good
    assert "'app.datadoghq.eu' is no site of Datadog's: write one of datadoghq.com, us3.datadoghq.com" in said
    assert not sandbox.faults.calls


def test_the_form_names_every_site() -> None:
    from watchbill.on_airflow.hooks.datadog import DatadogHook

    shown = DatadogHook.get_ui_field_behaviour()["placeholders"]["extra"]
    assert all(site in shown for site in SITES)
