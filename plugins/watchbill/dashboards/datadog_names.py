"""What Datadog calls a metric, a dimension and a value that CloudWatch's words name.

For AWS namespaces: the names of Datadog's AWS integration. https://docs.datadoghq.com/integrations/amazon_web_services/
For others: the namespace, in lower case, is the first word of the name, as a service that reports to both sends it.
"""

import re
from collections.abc import Mapping

from watchbill.model.dashboards import WidgetMetric

_AWS = "AWS/"
_TAGS = {"InstanceId": "host"}  # the integration's, where the rule for dimensions does not hold
_HTTP_CODE = re.compile(r"HTTPCode_\w+_Count")


def is_aws(metric: WidgetMetric) -> bool:
    return metric.namespace.startswith(_AWS)


def is_guess(metric: WidgetMetric) -> bool:
    """Whether the rule is known to miss: what agents report stands elsewhere in Datadog, as `system.cpu.user`."""
    return not metric.datadog and not is_aws(metric) and metric.namespace != metric.namespace.lower()


def metric_name(metric: WidgetMetric) -> str:
    """`aws.ec2.cpuutilization`, `aws.ec2.network_in`, `shop.errors`: the base name, which is the average."""
    if not is_aws(metric):
        return re.sub(r"[^A-Za-z0-9_.]", "_", f"{metric.namespace.lower()}.{metric.metric}")
    service = re.sub(r"[^a-z0-9]", "", metric.namespace.removeprefix(_AWS).lower())
    return f"aws.{service}{_between(service, metric.dimensions)}.{_snake(_shortened(metric.metric))}"


def _between(service: str, dimensions: Mapping[str, str]) -> str:
    """ECS says of whom the numbers are: `aws.ecs.service.cpuutilization`."""
    if service != "ecs":
        return ""
    return ".service" if "ServiceName" in dimensions else ".cluster"


def _shortened(metric: str) -> str:
    """A load balancer's HTTPCode_Target_5XX_Count has no `_count` there."""
    return metric.removesuffix("_Count") if _HTTP_CODE.fullmatch(metric) else metric


def _snake(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]", "", name)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", plain).lower()


def tag_key(metric: WidgetMetric, dimension: str) -> str:
    """`functionname` for FunctionName of an AWS namespace, `host` for InstanceId; `path` stays."""
    if is_aws(metric):
        return _TAGS.get(dimension) or re.sub(r"[^a-z0-9]", "", dimension.lower())
    return tag_value(dimension)


def tag_value(text: str) -> str:
    """As Datadog keeps it. https://docs.datadoghq.com/getting_started/tagging/"""
    return re.sub(r"[^\w\-:./]", "_", text.lower())[:200]
