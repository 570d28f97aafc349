"""The vendors' own clients, pointed at the sandbox, for what publishes metrics into it."""

from collections.abc import Iterable, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import OpenApiException
from datadog_api_client.model_utils import unset
from datadog_api_client.v2.api.metrics_api import MetricsApi
from datadog_api_client.v2.model.metric_intake_type import MetricIntakeType
from datadog_api_client.v2.model.metric_point import MetricPoint
from datadog_api_client.v2.model.metric_resource import MetricResource
from datadog_api_client.v2.model.metric_series import MetricSeries
from urllib3.exceptions import HTTPError

from sandbox import credentials

FAILURES = (BotoCoreError, ClientError, OpenApiException, HTTPError)
"""All that a call of these clients raises when the network or the service fails."""

_INTAKE_TYPES = {"count": 1, "rate": 2, "gauge": 3}


def cloudwatch_client(url: str) -> Any:
    """boto3's client of the sandbox at `url`. It retries nothing: who publishes keeps what was not taken."""
    return _aws_client("cloudwatch", url)


def tagging_client(url: str) -> Any:
    """boto3's client of the Resource Groups Tagging API."""
    return _aws_client("resourcegroupstaggingapi", url)


def _aws_client(service: str, url: str) -> Any:
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=5)
    return boto3.client(service, endpoint_url=f"{url}/{service}", config=config,
                        region_name=credentials.AWS_REGION,
                        aws_access_key_id=credentials.AWS_ACCESS_KEY_ID,
                        aws_secret_access_key=credentials.AWS_SECRET_ACCESS_KEY)


def datadog_client(url: str) -> MetricsApi:
    """Datadog's client of the sandbox at `url`, which retries nothing either."""
    configuration = Configuration(host=f"{url}/datadog", request_timeout=(2, 5), retry_policy=False)
    configuration.api_key["apiKeyAuth"] = credentials.DATADOG_API_KEY
    configuration.api_key["appKeyAuth"] = credentials.DATADOG_APPLICATION_KEY
    return MetricsApi(ApiClient(configuration))


def datadog_series(metric: str, points: Iterable[tuple[float, float]], *, tags: Mapping[str, str], unit: str,
                   type: str, interval_s: int, host: str | None = None) -> MetricSeries:  # noqa: A002
    """One series as `submit_metrics` takes it; points are epoch seconds and values."""
    return MetricSeries(
        metric=metric, type=MetricIntakeType(_INTAKE_TYPES[type]), interval=interval_s, unit=unit,
        points=[MetricPoint(timestamp=int(at), value=float(value)) for at, value in points],
        tags=[f"{name}:{value}" for name, value in tags.items()],
        resources=[MetricResource(name=host, type="host")] if host else unset)


def is_refusal(error: Exception) -> bool:
    """Whether the service read what was sent and will never take it. AWS throttles with a 400 as well."""
    if isinstance(error, ClientError):
        throttled = "Throttl" in error.response["Error"].get("Code", "")
        return error.response["ResponseMetadata"].get("HTTPStatusCode") in (400, 413) and not throttled
    return getattr(error, "status", None) in (400, 413)


def reason(error: Exception) -> str:
    """One short line for the log. A Datadog exception's own text repeats headers and body: left out."""
    if isinstance(error, OpenApiException):
        return f"{type(error).__name__} {getattr(error, 'status', '')}".strip()
    return f"{type(error).__name__}: {error}"[:200]
