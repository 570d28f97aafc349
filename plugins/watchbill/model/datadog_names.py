"""What Datadog calls a metric and the dimensions that are declared in CloudWatch's words.

Shared by what is collected and what is shown, so that a chart draws the very metric that a rule judged.

AWS namespaces have the names of Datadog's AWS integration: each statistic is a metric of its own
(docs.datadoghq.com/integrations/guide/aws-integration-and-cloudwatch-faq). In any other the namespace is the first
word of the name, as a service that reports to both clouds sends it, and in its own case: names of metrics are case
sensitive (docs.datadoghq.com/metrics/custom_metrics), tags are not.
"""

import re
from collections.abc import Container
from functools import lru_cache

_AWS = "AWS/"
_TAGS = {"InstanceId": "host"}  # the integration's, where the rule for dimensions does not hold
_HTTP_CODE = re.compile(r"HTTPCode_\w+_Count")

# Everything below is from the lists of metrics under docs.datadoghq.com/integrations/amazon_…; the rule cannot know it.
_NAMES = {
    ("AWS/ApplicationELB", "HTTP_Fixed_Response_Count"): "httpfixed_response",
    ("AWS/ApplicationELB", "HTTP_Redirect_Count"): "httpredirect",
    ("AWS/ApplicationELB", "HTTP_Redirect_Url_Limit_Exceeded_Count"): "httpredirect_url_limit_exceeded",
    ("AWS/SageMaker", "Invocation4XXErrors"): "invocation_4xx_errors",
    ("AWS/SageMaker", "Invocation5XXErrors"): "invocation_5xx_errors",
} | {("AWS/CloudFront", f"{code}ErrorRate"): f"{code}_error_rate" for code in (401, 403, 404, 502, 503, 504)}

# A name alone is the average of a gauge, but the sum of a count. Where both are kept, one has a word of its own.
_SUM_APART = {
    "aws.apigateway": "client_error connect_count execution_error integration_error message_count",
    "aws.ebs": "volume_read_bytes volume_total_read_time volume_total_write_time volume_write_bytes",
    "aws.ec2": "ebsread_bytes ebsread_ops ebswrite_bytes ebswrite_ops",
    "aws.kinesis": "get_records_bytes get_records_records incoming_bytes outgoing_bytes put_record_bytes"
                   " put_records_bytes put_records_records subscribe_to_shard_event_bytes"
                   " subscribe_to_shard_event_records",
    "aws.lambda": "async_event_age concurrent_executions duration iterator_age post_runtime_extensions_duration",
    "aws.sagemaker": "invocation_4xx_errors invocation_5xx_errors",
}
_AVERAGE_APART = {
    "aws.applicationelb": "target_response_time",
    "aws.kinesis": "get_records_success incoming_records outgoing_records put_record_success"
                   " put_records_failed_records put_records_success put_records_successful_records"
                   " put_records_throttled_records put_records_total_records read_provisioned_throughput_exceeded"
                   " subscribe_to_shard_event_success subscribe_to_shard_rate_exceeded subscribe_to_shard_success"
                   " write_provisioned_throughput_exceeded",
}


# Beside AWS/ the integration keeps the metric's own case: ecs.containerinsights.RunningTaskCount.
_BESIDE = {"ECS/ContainerInsights": "ecs.containerinsights"}


def is_aws(namespace: str) -> bool:
    """Whether the integration collects it."""
    return namespace.startswith(_AWS) or namespace in _BESIDE


def metric_name(namespace: str, metric: str, statistic: str, dimensions: Container[str]) -> str:
    """`aws.ec2.cpuutilization`, `aws.ec2.network_in.maximum`, `shop.errors`; 200 characters at most."""
    if not is_aws(namespace):
        return re.sub(r"[^A-Za-z0-9_.]", "_", f"{namespace}.{metric}")[:200]
    if beside := _BESIDE.get(namespace):
        return f"{beside}.{metric}{'' if statistic == 'Average' else f'.{statistic.lower()}'}"[:200]
    service = "aws." + re.sub(r"[^a-z0-9]", "", namespace.removeprefix(_AWS).lower())
    name = _NAMES.get((namespace, metric)) or _snake(_shortened(metric))
    return f"{service}{_between(service, dimensions)}.{name}{_suffix(service, name, statistic)}"[:200]


@lru_cache(maxsize=4096)
def tag_key(namespace: str, dimension: str) -> str:
    """`functionname` for FunctionName of an AWS namespace, `host` for InstanceId; `path` stays."""
    if is_aws(namespace):
        return _TAGS.get(dimension) or re.sub(r"[^a-z0-9]", "", dimension.lower())
    return tag_value(dimension)


@lru_cache(maxsize=4096)
def tag_value(text: str) -> str:
    """As Datadog keeps it. docs.datadoghq.com/getting_started/tagging"""
    return re.sub(r"[^\w\-:./]", "_", text.lower())[:200]


def _between(service: str, dimensions: Container[str]) -> str:
    """ECS says of whom the numbers are: `aws.ecs.service.cpuutilization`."""
    if service != "aws.ecs":
        return ""
    return ".service" if "ServiceName" in dimensions else ".cluster"


def _shortened(metric: str) -> str:
    """A load balancer's HTTPCode_Target_5XX_Count has no `_count` there."""
    return metric.removesuffix("_Count") if _HTTP_CODE.fullmatch(metric) else metric


@lru_cache(maxsize=4096)
def _snake(metric: str) -> str:
    """`cpuutilization`, `network_in`; and `s_3bytes_read`, `url_4xx_count`, `httpcode_elb_5_0_0`."""
    plain = re.sub(r"[^A-Za-z0-9_]", "", metric)
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z0-9])(?=[0-9])", "_", plain).lower()


def _suffix(service: str, name: str, statistic: str) -> str:
    apart = {"Average": _AVERAGE_APART, "Sum": _SUM_APART}.get(statistic)
    if apart is not None and name not in apart.get(service, "").split():
        return ""
    return f".{statistic.lower()}"
