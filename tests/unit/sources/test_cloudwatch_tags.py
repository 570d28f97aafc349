"""Tags of AWS resources on the series behind them: never at the price of a point."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.sources.entries import entry
from tests.unit.sources.fake_aws import ACCOUNT, CloudWatch, Memory, Tagged, refusal
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.cloudwatch import plan
from watchbill.sources.cloudwatch.resources import RESOURCES
from watchbill.sources.request import Request

NOW = datetime(2026, 3, 1, 10, 7, 30, tzinfo=UTC)
LIVE = Window(datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, 5, tzinfo=UTC))
EC2 = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/"
MACHINES = CloudWatch([("AWS/EC2", "CPUUtilization", {"InstanceId": name}) for name in ("i-1", "i-2", "i-3")])
HAS = {f"{EC2}i-1": {"Name": "cart", "team": "shop", "cost": "7"}, f"{EC2}i-2": {"other": "x"},
       f"{EC2}i-9": {"Name": "gone"}}


def machine(**given: Any) -> MetricEntry:
    return entry(**{"name": "machine", "sources": "cloudwatch", "namespace": "AWS/EC2", "metrics": "CPUUtilization",
                    "dimensions": {"InstanceId": "*"}, "tags": ["Name", "team"], **given})


def planned(tagging: Tagged, *entries: MetricEntry, client: CloudWatch = MACHINES, now: datetime = NOW,
            **given: Any) -> list[Request]:
    target = Target("cloudwatch", "aws_default")
    return plan(client, entries, target, ACCOUNT, "eu-west-1", LIVE, now, tagging=lambda: tagging, **given)


def tags(requests: list[Request]) -> list[dict[str, str]]:
    return [dict(query.series.tags) for request in requests for query in request.queries]


def test_a_series_has_the_wanted_tags_of_its_resource() -> None:
    tagging = Tagged(HAS)
    requests = planned(tagging, machine(statistics=["Average"]))
    assert tags(requests) == [{"Name": "cart", "team": "shop"}, {}, {}]
    assert tagging.asked == [{"ResourceTypeFilters": ["ec2:instance"], "PaginationConfig": {"PageSize": 100}}]
    assert (requests[0].calls, requests[0].warnings) == (2, ())
    assert tagging.meta.events.handlers == []
    assert Request.from_json(requests[0].to_json()) == requests[0]
    assert tags([Request.from_json(requests[0].to_json())]) == tags(requests)


def test_entries_that_want_no_tags_ask_nothing_of_the_tagging_api() -> None:
    tagging = Tagged(HAS)
    assert tags(planned(tagging, machine(tags=[]))) == [{}, {}, {}]
    assert tagging.asked == []


def test_each_metric_has_the_tags_that_its_own_entries_want() -> None:
    client = CloudWatch([*MACHINES.metrics[:1], ("AWS/EC2", "NetworkIn", {"InstanceId": "i-1"})])
    tagging = Tagged(HAS)
    requests = planned(tagging, machine(), machine(name="cost", metrics="*", tags="cost"), client=client)
    assert tags(requests) == [{"Name": "cart", "cost": "7", "team": "shop"}, {"cost": "7"}]
    assert len(tagging.asked) == 1


def test_tags_are_kept_like_listings() -> None:
    tagging, memory = Tagged(HAS), Memory()
    for minutes in (0, 5, 16):
        found = tags(planned(tagging, machine(), listings=memory, now=NOW + timedelta(minutes=minutes)))
        assert found == [{"Name": "cart", "team": "shop"}, {}, {}]
    assert len(tagging.asked) == 2
    tagging.fails = refusal("Throttling", 429)
    (request,) = planned(tagging, machine(), listings=memory, now=NOW + timedelta(minutes=40))
    assert tags([request])[0] == {"Name": "cart", "team": "shop"}
    assert request.warnings[0].endswith("What was listed 24m ago is used")


def test_a_failing_tagging_api_costs_the_tags_and_nothing_else() -> None:
    tagging = Tagged(HAS, fails=refusal("AccessDeniedException"))
    (request,) = planned(tagging, machine())
    assert tags([request]) == [{}, {}, {}]
    assert request.warnings == (
        "AWS in eu-west-1 (connection aws_default), GetResources for machine: AWS answered 400 AccessDeniedException: "
        "no. Allow the connection's identity tag:GetResources. No tags come with these metrics for now",)
    assert request.calls == 2


def test_a_tagging_client_that_cannot_be_opened_is_a_warning_too() -> None:
    def broken() -> Any:
        raise SourceError("no role", retryable=False)

    (request,) = plan(MACHINES, [machine()], Target("cloudwatch", "aws_default"), ACCOUNT, "eu-west-1", LIVE, NOW,
                      tagging=broken)
    assert request.warnings == ("no role. No tags come with these metrics for now",)


def test_an_answer_without_sense_is_a_warning_too() -> None:
    tagging = Tagged({f"{EC2}i-1": {"Name": "a"}})
    tagging.paginate = lambda **_: iter([{"ResourceTagMappingList": [{"Tags": [{"Key": "Name"}]}]}])  # type: ignore[method-assign]
    (request,) = planned(tagging, machine())
    assert "the answer is not CloudWatch's (a resource without sense: KeyError)" in request.warnings[0]


@pytest.mark.parametrize("namespace", ["AWS/AutoScaling", "shop"])
def test_a_namespace_without_known_resources_is_told(namespace: str) -> None:
    tagging = Tagged()
    (request,) = planned(tagging, machine(namespace=namespace, dimensions={"AutoScalingGroupName": "a"}))
    assert request.warnings == (
        f"machine: no tags, for which resources are behind the metrics of {namespace} is not known",)
    assert (tags([request]), tagging.asked) == ([{}], [])


def test_metrics_of_linked_accounts_never_get_the_tags_of_a_namesake() -> None:
    client = CloudWatch(MACHINES.metrics[:1], linked={"111111111111": MACHINES.metrics[:1]})
    requests = planned(Tagged(HAS), machine(linked_accounts=True), client=client)
    assert {query.series.account: dict(query.series.tags) for query in requests[0].queries} == {
        ACCOUNT: {"Name": "cart", "team": "shop"}, "111111111111": {}}


ARNS = {
    ("AWS/ApplicationELB", "elasticloadbalancing:eu-west-1:1:loadbalancer/app/shop/50dc6c495c0c9188"):
        {"LoadBalancer": "app/shop/50dc6c495c0c9188"},
    ("AWS/ApplicationELB", "elasticloadbalancing:eu-west-1:1:targetgroup/shop/73e2d6bc24d8a067"):
        {"TargetGroup": "targetgroup/shop/73e2d6bc24d8a067"},
    ("AWS/NetworkELB", "elasticloadbalancing:eu-west-1:1:loadbalancer/net/shop/50dc6c495c0c9188"):
        {"LoadBalancer": "net/shop/50dc6c495c0c9188"},
    ("AWS/ELB", "elasticloadbalancing:eu-west-1:1:loadbalancer/shop"): {"LoadBalancerName": "shop"},
    ("AWS/ELB", "elasticloadbalancing:eu-west-1:1:loadbalancer/app/shop/50dc6c495c0c9188"): None,
    ("AWS/EC2", "ec2:eu-west-1:1:instance/i-1"): {"InstanceId": "i-1"},
    ("AWS/EBS", "ec2:eu-west-1:1:volume/vol-1"): {"VolumeId": "vol-1"},
    ("AWS/NATGateway", "ec2:eu-west-1:1:natgateway/nat-1"): {"NatGatewayId": "nat-1"},
    ("AWS/RDS", "rds:eu-west-1:1:db:orders"): {"DBInstanceIdentifier": "orders"},
    ("AWS/RDS", "rds:eu-west-1:1:cluster:orders"): {"DBClusterIdentifier": "orders"},
    ("AWS/Lambda", "lambda:eu-west-1:1:function:pay"): {"FunctionName": "pay"},
    ("AWS/SQS", "sqs:eu-west-1:1:orders.fifo"): {"QueueName": "orders.fifo"},
    ("AWS/SNS", "sns:eu-west-1:1:orders"): {"TopicName": "orders"},
    ("AWS/SNS", "sns:eu-west-1:1:orders:6b0e71bd-7e97-4d97-80ce-4a0994e55286"): None,
    ("AWS/DynamoDB", "dynamodb:eu-west-1:1:table/orders"): {"TableName": "orders"},
    ("AWS/DynamoDB", "dynamodb:eu-west-1:1:table/orders/index/by-day"): None,
    ("AWS/S3", "s3:::shop-media"): {"BucketName": "shop-media"},
    ("AWS/ECS", "ecs:eu-west-1:1:service/shop/cart"): {"ClusterName": "shop", "ServiceName": "cart"},
    ("AWS/ECS", "ecs:eu-west-1:1:cluster/shop"): {"ClusterName": "shop"},
    ("AWS/EKS", "eks:eu-west-1:1:cluster/shop"): {"ClusterName": "shop"},
    ("AWS/ElastiCache", "elasticache:eu-west-1:1:cluster:shop-001"): {"CacheClusterId": "shop-001"},
    ("AWS/Kinesis", "kinesis:eu-west-1:1:stream/clicks"): {"StreamName": "clicks"},
    ("AWS/Firehose", "firehose:eu-west-1:1:deliverystream/clicks"): {"DeliveryStreamName": "clicks"},
    ("AWS/ApiGateway", "apigateway:eu-west-1::/apis/a1b2"): {"ApiId": "a1b2"},
    ("AWS/ApiGateway", "apigateway:eu-west-1::/apis/a1b2/stages/prod"): {"ApiId": "a1b2", "Stage": "prod"},
    ("AWS/CloudFront", "cloudfront::1:distribution/E1"): {"DistributionId": "E1"},
    ("AWS/ES", "es:eu-west-1:123456789012:domain/logs"): {"DomainName": "logs", "ClientId": "123456789012"},
    ("AWS/EFS", "elasticfilesystem:eu-west-1:1:file-system/fs-1"): {"FileSystemId": "fs-1"},
    ("AWS/Redshift", "redshift:eu-west-1:1:cluster:dwh"): {"ClusterIdentifier": "dwh"},
    ("AWS/States", "states:eu-west-1:1:stateMachine:pay"):
        {"StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:pay"},
    ("AWS/Kafka", "kafka:eu-west-1:1:cluster/clicks/abcd-1234"): {"Cluster Name": "clicks"},
    ("AWS/Route53", "route53:::healthcheck/abcd-1234"): {"HealthCheckId": "abcd-1234"},
    ("AWS/WAFV2", "wafv2:eu-west-1:1:regional/webacl/edge/abcd-1234"): {"WebACL": "edge"},
}


@pytest.mark.parametrize(("namespace", "arn"), ARNS)
def test_an_arn_tells_the_dimensions_of_its_metrics(namespace: str, arn: str) -> None:
    found = RESOURCES[namespace].dimensions(f"arn:aws:{arn}")
    assert (found[1] if found else None) == ARNS[namespace, arn]


def test_every_pattern_of_the_table_is_sound_and_names_dimensions() -> None:
    for namespace, resources in RESOURCES.items():
        assert resources.types, namespace
        for pattern in resources._compiled:
            assert pattern.groupindex, namespace
            assert "/" not in namespace or namespace.count("/") == 1


def test_the_most_specific_resource_is_meant() -> None:
    arn = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:"
    tagging = Tagged({f"{arn}cluster/shop": {"Name": "cluster"}, f"{arn}service/shop/cart": {"Name": "service"}})
    client = CloudWatch([("AWS/ECS", "CPUUtilization", {"ClusterName": "shop", "ServiceName": "cart"}),
                         ("AWS/ECS", "CPUUtilization", {"ClusterName": "shop"})])
    given = {"namespace": "AWS/ECS"}
    requests = planned(tagging, machine(dimensions={"ClusterName": "*"}, **given),
                       machine(name="b", dimensions={"ClusterName": "*", "ServiceName": "*"}, **given), client=client)
    assert tags(requests) == [{"Name": "cluster"}, {"Name": "service"}]
    balanced = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:"
    tagging = Tagged({f"{balanced}loadbalancer/app/a/1": {"Name": "balancer"},
                      f"{balanced}targetgroup/t/2": {"Name": "targets"}})
    dimensions = {"LoadBalancer": "app/a/1", "TargetGroup": "targetgroup/t/2"}
    requests = planned(tagging, machine(namespace="AWS/ApplicationELB", dimensions=dimensions))
    assert tags(requests) == [{"Name": "targets"}]
