"""What Datadog calls a metric and the dimensions that are declared in CloudWatch's words.

Shared by what is collected and what is shown, so that a chart draws the very metric that a rule judged.

AWS namespaces have the names of Datadog's AWS integration: each statistic is a metric of its own
(docs.datadoghq.com/integrations/guide/aws-integration-and-cloudwatch-faq). In any other the namespace is the first
word of the name, as a service that reports to both clouds sends it, and in its own case: names of metrics are case
sensitive (docs.datadoghq.com/metrics/custom_metrics), tags are not.
"""

import re
import tomllib
from collections.abc import Container, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_AWS = "AWS/"
_HTTP_CODE = re.compile(r"HTTPCode_\w+_Count")

Own = str | Mapping[str, str]
"""What somebody has written of a metric: its name, or its name by statistic."""


@cache
def _known() -> Mapping[str, Mapping[str, Any]]:
    """The exceptions that come with us: data, in a file of its own."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def is_aws(namespace: str) -> bool:
    """Whether the integration collects it."""
    return namespace.startswith(_AWS) or namespace in _known()["beside"]


def metric_name(namespace: str, metric: str, statistic: str, dimensions: Container[str], own: Own = "") -> str:
    """`aws.ec2.cpuutilization`, `aws.ec2.network_in.maximum`, `shop.errors`; 200 characters at most.

    `own` counts before the rule. Of an AWS namespace a name alone is that of the Average and the Sum, and other
    statistics are added to it; by statistic it is the whole name.
    """
    if own and (isinstance(own, str) or statistic in own):
        return _own(namespace, own, statistic)[:200]
    if not is_aws(namespace):
        return _dotted(f"{namespace}.{metric}")[:200]
    if beside := _known()["beside"].get(namespace):
        return f"{beside}.{metric}{'' if statistic == 'Average' else f'.{statistic.lower()}'}"[:200]
    service = _service(namespace)
    shipped = _known()["names"].get(namespace, {}).get(metric)
    name = shipped.removeprefix(f"{service}.") if shipped else _snake(_shortened(metric))
    return f"{service}{_between(service, dimensions)}.{name}{_suffix(service, name, statistic)}"[:200]


def _own(namespace: str, own: Own, statistic: str) -> str:
    if not isinstance(own, str):
        return own[statistic]
    return f"{own}.{statistic.lower()}" if is_aws(namespace) and statistic not in ("Average", "Sum") else own


@lru_cache(maxsize=4096)
def tag_key(namespace: str, dimension: str) -> str:
    """`functionname` for FunctionName of an AWS namespace, `host` for InstanceId; `path` stays."""
    if is_aws(namespace):
        return _known()["tags"].get(dimension) or re.sub(r"[^a-z0-9]", "", dimension.lower())
    return tag_value(dimension)


@lru_cache(maxsize=4096)
def tag_value(text: str) -> str:
    """As Datadog keeps it. docs.datadoghq.com/getting_started/tagging"""
    return re.sub(r"[^\w\-:./]", "_", text.lower())[:200]


@lru_cache(maxsize=4096)
def _dotted(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]", "_", name)


@lru_cache
def _service(namespace: str) -> str:
    return "aws." + re.sub(r"[^a-z0-9]", "", namespace.removeprefix(_AWS).lower())


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
    apart = {"Average": "average_apart", "Sum": "sum_apart"}.get(statistic)
    if apart is not None and name not in _known()[apart].get(service, ()):
        return ""
    return f".{statistic.lower()}"
