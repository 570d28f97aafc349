"""Are the keys of a connection good? Two cheap calls, of which each asks another key.

https://docs.datadoghq.com/account_management/api-app-keys/
"""

from datetime import datetime, timedelta
from typing import Any

from datadog_api_client import ApiClient
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v2.api.metrics_api import MetricsApi
from datadog_api_client.v2.model.metrics_data_source import MetricsDataSource
from datadog_api_client.v2.model.metrics_timeseries_query import MetricsTimeseriesQuery
from datadog_api_client.v2.model.timeseries_formula_query_request import TimeseriesFormulaQueryRequest
from datadog_api_client.v2.model.timeseries_formula_request import TimeseriesFormulaRequest
from datadog_api_client.v2.model.timeseries_formula_request_attributes import TimeseriesFormulaRequestAttributes
from datadog_api_client.v2.model.timeseries_formula_request_queries import TimeseriesFormulaRequestQueries
from datadog_api_client.v2.model.timeseries_formula_request_type import TimeseriesFormulaRequestType

from watchbill.sources.errors import Asked
from watchbill.sources.errors.datadog import explained

SITES = ("datadoghq.com", "us3.datadoghq.com", "us5.datadoghq.com", "datadoghq.eu", "uk1.datadoghq.com",
         "ap1.datadoghq.com", "ap2.datadoghq.com", "ddog-gov.com", "us2.ddog-gov.com")
"""Where organisations live. docs.datadoghq.com/getting_started/site"""

_REFUSED = (401, 403)


def check_api_key(api_client: ApiClient, asked: Asked) -> None:
    """Raises SourceError, with what is wrong with the API key alone: this call takes no other."""
    with explained(asked):
        try:
            AuthenticationApi(api_client).validate()  # type: ignore[no-untyped-call]
        except ApiException as error:
            if error.status not in _REFUSED:
                raise
            raise asked.error("its API key is not known there", "Correct the connection's password, and `site` in its "
                              "extra: keys are good for one site only", retryable=False) from None


def check_application_key(api_client: ApiClient, asked: Asked, now: datetime) -> None:
    """Raises SourceError where the API key is good, but the application key may not read timeseries."""
    with explained(asked):
        try:
            MetricsApi(api_client).query_timeseries_data(_least(now))  # type: ignore[no-untyped-call]
        except ApiException as error:
            if error.status not in _REFUSED:
                raise
            raise asked.error("its application key is not that organisation's, or may not read timeseries",
                              "Correct app_key in the connection's extra, and give the key the scope timeseries_query",
                              retryable=False) from None


def misspelt(site: str) -> str | None:
    """What is wrong with the name of a site; None for those that the vendor names."""
    if site in SITES:
        return None
    return f"{site!r} is no site of Datadog's: write one of {', '.join(SITES)}"


def _least(now: datetime) -> Any:
    """A minute of a metric that every organisation may ask for, whether it has it or not."""
    start, end = (round(moment.timestamp() * 1000) for moment in (now - timedelta(minutes=1), now))
    query = MetricsTimeseriesQuery(MetricsDataSource.METRICS, "avg:datadog.agent.running{*}")
    return TimeseriesFormulaQueryRequest(data=TimeseriesFormulaRequest(
        type=TimeseriesFormulaRequestType.TIMESERIES_REQUEST,
        attributes=TimeseriesFormulaRequestAttributes(
            _from=start, to=end,
            queries=TimeseriesFormulaRequestQueries([query]))))  # type: ignore[no-untyped-call]
