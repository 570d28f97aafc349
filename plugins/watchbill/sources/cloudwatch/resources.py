"""Which AWS resource is behind a metric: namespaces and ARNs -> values of dimensions. A table, from AWS's own pages.

ARNs: docs.aws.amazon.com/service-authorization/latest/reference, "Resource types defined by" each service.
Dimensions: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
"""

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Resources:
    """`types` as GetResources filters by them; `patterns` name dimensions, an underscore being a space in their names.

    Of two resources that fit one series, that with more dimensions is meant, else that of the earlier pattern.
    """

    types: tuple[str, ...]
    patterns: tuple[str, ...]

    @cached_property
    def _compiled(self) -> list[re.Pattern[str]]:
        return [re.compile(pattern) for pattern in self.patterns]

    def dimensions(self, arn: str) -> tuple[int, dict[str, str]] | None:
        """(the pattern's place, dimensions of the metrics of that resource), None where it has none."""
        for place, pattern in enumerate(self._compiled):
            found = pattern.search(arn)
            if found:
                return place, {name.replace("_", " "): value for name, value in found.groupdict().items()}
        return None


def _one(kind: str, *patterns: str) -> Resources:
    return Resources((kind,), patterns)


_DATABASES = Resources(("rds:db", "rds:cluster"), (
    r":db:(?P<DBInstanceIdentifier>[^:]+)$", r":cluster:(?P<DBClusterIdentifier>[^:]+)$"))
_CONTAINERS = Resources(("ecs:service", "ecs:cluster"), (
    r":service/(?P<ClusterName>[^/]+)/(?P<ServiceName>[^/]+)$", r":cluster/(?P<ClusterName>[^/]+)$"))
_EKS = _one("eks:cluster", r":cluster/(?P<ClusterName>[^/]+)$")


def _balancer(kind: str) -> Resources:
    return Resources((f"elasticloadbalancing:loadbalancer/{kind}", "elasticloadbalancing:targetgroup"), (
        r":(?P<TargetGroup>targetgroup/.+)$", rf":loadbalancer/(?P<LoadBalancer>{kind}/.+)$"))


RESOURCES: dict[str, Resources] = {
    "AWS/AOSS": _one("aoss:collection", r":collection/(?P<CollectionId>[^/]+)$"),
    "AWS/ApiGateway": _one("apigateway", r"/apis/(?P<ApiId>[^/]+)/stages/(?P<Stage>[^/]+)$",
                           r"/apis/(?P<ApiId>[^/]+)$"),
    "AWS/ApplicationELB": _balancer("app"),
    "AWS/Athena": _one("athena:workgroup", r":workgroup/(?P<WorkGroup>[^/]+)$"),
    "AWS/Backup": _one("backup:backup-vault", r":backup-vault:(?P<BackupVaultName>[^:]+)$"),
    "AWS/CertificateManager": _one("acm:certificate", r"^(?P<CertificateArn>.+)$"),
    "AWS/CloudFront": _one("cloudfront:distribution", r":distribution/(?P<DistributionId>[^/]+)$"),
    "AWS/Cognito": _one("cognito-idp:userpool", r":userpool/(?P<UserPool>[^/]+)$"),
    "AWS/DocDB": _DATABASES,
    "AWS/DynamoDB": _one("dynamodb:table", r":table/(?P<TableName>[^/]+)$"),
    "AWS/EBS": _one("ec2:volume", r":volume/(?P<VolumeId>[^/]+)$"),
    "AWS/EC2": _one("ec2:instance", r":instance/(?P<InstanceId>[^/]+)$"),
    "AWS/ECS": _CONTAINERS,
    "AWS/EFS": _one("elasticfilesystem:file-system", r":file-system/(?P<FileSystemId>[^/]+)$"),
    "AWS/EKS": _EKS,
    "AWS/ELB": _one("elasticloadbalancing:loadbalancer", r":loadbalancer/(?P<LoadBalancerName>[^/]+)$"),
    "AWS/ES": _one("es:domain", r":(?P<ClientId>\d+):domain/(?P<DomainName>[^/]+)$"),
    "AWS/ElastiCache": Resources(("elasticache:cluster", "elasticache:serverlesscache"), (
        r":cluster:(?P<CacheClusterId>[^:]+)$", r":serverlesscache:(?P<clusterId>[^:]+)$")),
    "AWS/ElasticMapReduce": _one("elasticmapreduce:cluster", r":cluster/(?P<JobFlowId>[^/]+)$"),
    "AWS/Events": _one("events:rule", r":rule/(?P<EventBusName>[^/]+)/(?P<RuleName>[^/]+)$",
                       r":rule/(?P<RuleName>[^/]+)$"),
    "AWS/FSx": _one("fsx:file-system", r":file-system/(?P<FileSystemId>[^/]+)$"),
    "AWS/Firehose": _one("firehose:deliverystream", r":deliverystream/(?P<DeliveryStreamName>[^/]+)$"),
    "AWS/GatewayELB": _balancer("gwy"),
    "AWS/KMS": _one("kms:key", r":key/(?P<KeyId>[^/]+)$"),
    "AWS/Kafka": _one("kafka:cluster", r":cluster/(?P<Cluster_Name>[^/]+)/"),
    "AWS/Kinesis": _one("kinesis:stream", r":stream/(?P<StreamName>[^/]+)$"),
    "AWS/Lambda": _one("lambda:function", r":function:(?P<FunctionName>[^:]+)$"),
    "AWS/Logs": _one("logs:log-group", r":log-group:(?P<LogGroupName>[^:]+)"),
    "AWS/MemoryDB": _one("memorydb:cluster", r":cluster/(?P<ClusterName>[^/]+)$"),
    "AWS/NATGateway": _one("ec2:natgateway", r":natgateway/(?P<NatGatewayId>[^/]+)$"),
    "AWS/Neptune": _DATABASES,
    "AWS/NetworkELB": _balancer("net"),
    "AWS/NetworkFirewall": _one("network-firewall:firewall", r":firewall/(?P<FirewallName>[^/]+)$"),
    "AWS/PrivateLinkEndpoints": _one("ec2:vpc-endpoint", r":vpc-endpoint/(?P<VPC_Endpoint_Id>[^/]+)$"),
    "AWS/PrivateLinkServices": _one("ec2:vpc-endpoint-service", r":vpc-endpoint-service/(?P<Service_Id>[^/]+)$"),
    "AWS/RDS": Resources(("rds:db", "rds:cluster", "rds:db-proxy"), (
        *_DATABASES.patterns, r":db-proxy:(?P<ProxyIdentifier>[^:]+)$")),
    "AWS/Redshift": _one("redshift:cluster", r":cluster:(?P<ClusterIdentifier>[^:]+)$"),
    "AWS/Route53": _one("route53:healthcheck", r":healthcheck/(?P<HealthCheckId>[^/]+)$"),
    "AWS/S3": _one("s3", r"^arn:[^:]+:s3:::(?P<BucketName>[^:/]+)$"),
    "AWS/SNS": _one("sns", r"^arn:[^:]+:sns:[^:]*:[^:]*:(?P<TopicName>[^:]+)$"),
    "AWS/SQS": _one("sqs", r"^arn:[^:]+:sqs:[^:]*:[^:]*:(?P<QueueName>[^:]+)$"),
    "AWS/SageMaker": _one("sagemaker:endpoint", r":endpoint/(?P<EndpointName>[^/]+)$"),
    "AWS/States": _one("states", r"^(?P<StateMachineArn>.+:stateMachine:.+)$", r"^(?P<ActivityArn>.+:activity:.+)$"),
    "AWS/TransitGateway": _one("ec2:transit-gateway", r":transit-gateway/(?P<TransitGateway>[^/]+)$"),
    "AWS/VPN": _one("ec2:vpn-connection", r":vpn-connection/(?P<VpnId>[^/]+)$"),
    "AWS/WAFV2": _one("wafv2", r"/webacl/(?P<WebACL>[^/]+)/"),
    "CWAgent": _one("ec2:instance", r":instance/(?P<InstanceId>[^/]+)$"),
    "ContainerInsights": _EKS,
    "ECS/ContainerInsights": _CONTAINERS,
    "Glue": _one("glue:job", r":job/(?P<JobName>[^/]+)$"),
}
"""Auto Scaling groups are missing because GetResources does not return them, and REST APIs because their metrics have
the API's name where the ARN has its id: docs.aws.amazon.com/resourcegroupstagging/latest/APIReference"""
