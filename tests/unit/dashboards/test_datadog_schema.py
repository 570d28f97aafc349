"""Datadog's schema as we keep it, beside the classes of the client that it was taken from."""

import orjson

from watchbill.dashboards.validate import datadog_client


def test_the_schema_is_that_of_the_client_that_is_installed() -> None:
    """Otherwise write it anew: python -m watchbill.dashboards.validate.datadog_client"""
    assert orjson.loads(datadog_client.SCHEMA.read_bytes()) == datadog_client.schema()
    assert datadog_client.SCHEMA.read_bytes() == datadog_client.text()
