"""Metrics of AWS' own services with their dimensions: what leads back from Datadog's names, which keep no case.

A `+` behind a name: it counts, so that its Sum is what Datadog keeps under the bare name. From the pages of services in
docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
"""

from collections.abc import Iterable
from functools import lru_cache

from watchbill.model.datadog_names import metric_name, tag_key

_METRICS: dict[str, tuple[str, str]] = {
    "AWS/EC2": (
        "InstanceId AutoScalingGroupName InstanceType ImageId",
        "CPUUtilization CPUCreditUsage CPUCreditBalance CPUSurplusCreditBalance CPUSurplusCreditsCharged NetworkIn"
        " NetworkOut NetworkPacketsIn NetworkPacketsOut DiskReadOps DiskWriteOps DiskReadBytes DiskWriteBytes"
        " EBSReadOps EBSWriteOps EBSReadBytes EBSWriteBytes EBSIOBalance% EBSByteBalance% StatusCheckFailed"
        " StatusCheckFailed_Instance StatusCheckFailed_System StatusCheckFailed_AttachedEBS MetadataNoToken+"),
    "AWS/EBS": (
        "VolumeId",
        "VolumeReadBytes+ VolumeWriteBytes+ VolumeReadOps+ VolumeWriteOps+ VolumeTotalReadTime+ VolumeTotalWriteTime+"
        " VolumeIdleTime+ VolumeQueueLength VolumeThroughputPercentage VolumeConsumedReadWriteOps+ BurstBalance"),
    "AWS/RDS": (
        "DBInstanceIdentifier DBClusterIdentifier DatabaseClass EngineName Role",
        "CPUUtilization CPUCreditUsage CPUCreditBalance DatabaseConnections DiskQueueDepth FreeableMemory"
        " FreeStorageSpace FreeLocalStorage ReadIOPS WriteIOPS ReadLatency WriteLatency ReadThroughput WriteThroughput"
        " NetworkReceiveThroughput NetworkTransmitThroughput ReplicaLag SwapUsage BinLogDiskUsage BurstBalance"
        " AuroraReplicaLag BufferCacheHitRatio CommitLatency CommitThroughput Deadlocks DMLLatency DMLThroughput"
        " DDLLatency EngineUptime LoginFailures Queries SelectLatency SelectThroughput VolumeBytesUsed VolumeReadIOPs"
        " VolumeWriteIOPs TransactionLogsDiskUsage MaximumUsedTransactionIDs OldestReplicationSlotLag"),
    "AWS/Lambda": (
        "FunctionName Resource ExecutedVersion",
        "Invocations+ Errors+ Throttles+ Duration ConcurrentExecutions UnreservedConcurrentExecutions IteratorAge"
        " DeadLetterErrors+ DestinationDeliveryFailures+ ProvisionedConcurrencyInvocations+"
        " ProvisionedConcurrencySpilloverInvocations+ ProvisionedConcurrencyUtilization AsyncEventAge"
        " AsyncEventsReceived+ AsyncEventsDropped+"),
    "AWS/ApplicationELB": (
        "LoadBalancer TargetGroup AvailabilityZone",
        "RequestCount+ RequestCountPerTarget+ TargetResponseTime ActiveConnectionCount+ NewConnectionCount+"
        " RejectedConnectionCount+ ProcessedBytes+ ConsumedLCUs HealthyHostCount UnHealthyHostCount"
        " TargetConnectionErrorCount+ HTTPCode_ELB_3XX_Count+ HTTPCode_ELB_4XX_Count+ HTTPCode_ELB_5XX_Count+"
        " HTTPCode_ELB_500_Count+ HTTPCode_ELB_502_Count+ HTTPCode_ELB_503_Count+ HTTPCode_ELB_504_Count+"
        " HTTPCode_Target_2XX_Count+ HTTPCode_Target_3XX_Count+ HTTPCode_Target_4XX_Count+ HTTPCode_Target_5XX_Count+"
        " HTTP_Fixed_Response_Count+ HTTP_Redirect_Count+ ClientTLSNegotiationErrorCount+"
        " TargetTLSNegotiationErrorCount+ RuleEvaluations+"),
    "AWS/ELB": (
        "LoadBalancerName AvailabilityZone",
        "RequestCount+ Latency HealthyHostCount UnHealthyHostCount HTTPCode_Backend_2XX+ HTTPCode_Backend_3XX+"
        " HTTPCode_Backend_4XX+ HTTPCode_Backend_5XX+ HTTPCode_ELB_4XX+ HTTPCode_ELB_5XX+ BackendConnectionErrors+"
        " SurgeQueueLength SpilloverCount+"),
    "AWS/NetworkELB": (
        "LoadBalancer TargetGroup AvailabilityZone",
        "ActiveFlowCount NewFlowCount+ ProcessedBytes+ ConsumedLCUs HealthyHostCount UnHealthyHostCount"
        " TCP_Client_Reset_Count+ TCP_ELB_Reset_Count+ TCP_Target_Reset_Count+"),
    "AWS/SQS": (
        "QueueName",
        "ApproximateAgeOfOldestMessage ApproximateNumberOfMessagesDelayed ApproximateNumberOfMessagesNotVisible"
        " ApproximateNumberOfMessagesVisible NumberOfEmptyReceives+ NumberOfMessagesDeleted+ NumberOfMessagesReceived+"
        " NumberOfMessagesSent+ SentMessageSize"),
    "AWS/SNS": (
        "TopicName",
        "NumberOfMessagesPublished+ NumberOfNotificationsDelivered+ NumberOfNotificationsFailed+ PublishSize"),
    "AWS/DynamoDB": (
        "TableName GlobalSecondaryIndexName Operation",
        "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ProvisionedReadCapacityUnits"
        " ProvisionedWriteCapacityUnits ReadThrottleEvents+ WriteThrottleEvents+ ThrottledRequests+ SystemErrors+"
        " UserErrors+ SuccessfulRequestLatency ReturnedItemCount ConditionalCheckFailedRequests+"),
    "AWS/ECS": ("ClusterName ServiceName", "CPUUtilization MemoryUtilization CPUReservation MemoryReservation"),
    "AWS/ElastiCache": (
        "CacheClusterId CacheNodeId ReplicationGroupId",
        "CPUUtilization EngineCPUUtilization FreeableMemory SwapUsage NetworkBytesIn NetworkBytesOut CurrConnections"
        " NewConnections CurrItems Evictions Reclaimed CacheHits CacheMisses CacheHitRate BytesUsedForCache"
        " DatabaseMemoryUsagePercentage ReplicationLag GetTypeCmds SetTypeCmds"),
    "AWS/Kinesis": (
        "StreamName ShardId",
        "GetRecords.Bytes GetRecords.IteratorAgeMilliseconds GetRecords.Latency GetRecords.Records GetRecords.Success"
        " IncomingBytes+ IncomingRecords+ PutRecord.Bytes PutRecord.Latency PutRecord.Success PutRecords.Bytes"
        " PutRecords.Latency PutRecords.Records PutRecords.Success ReadProvisionedThroughputExceeded"
        " WriteProvisionedThroughputExceeded"),
    "AWS/Firehose": (
        "DeliveryStreamName",
        "IncomingBytes+ IncomingRecords+ DeliveryToS3.Bytes+ DeliveryToS3.DataFreshness DeliveryToS3.Records+"
        " DeliveryToS3.Success"),
    "AWS/S3": (
        "BucketName StorageType FilterId",
        "BucketSizeBytes NumberOfObjects AllRequests+ GetRequests+ PutRequests+ 4xxErrors+ 5xxErrors+ FirstByteLatency"
        " TotalRequestLatency BytesDownloaded+ BytesUploaded+"),
    "AWS/ApiGateway": (
        "ApiName Stage Method Resource ApiId",
        "Count+ 4XXError+ 5XXError+ Latency IntegrationLatency CacheHitCount+ CacheMissCount+"),
    "AWS/CloudFront": (
        "DistributionId Region",
        "Requests+ BytesDownloaded+ BytesUploaded+ 4xxErrorRate 5xxErrorRate TotalErrorRate CacheHitRate"
        " OriginLatency"),
    "AWS/NATGateway": (
        "NatGatewayId",
        "ActiveConnectionCount BytesInFromDestination+ BytesInFromSource+ BytesOutToDestination+ BytesOutToSource+"
        " ConnectionAttemptCount+ ErrorPortAllocation+ PacketsDropCount+"),
    "AWS/States": (
        "StateMachineArn",
        "ExecutionsStarted+ ExecutionsSucceeded+ ExecutionsFailed+ ExecutionsAborted+ ExecutionsTimedOut+"
        " ExecutionThrottled+ ExecutionTime"),
    "AWS/Events": ("RuleName", "Invocations+ FailedInvocations+ TriggeredRules+ MatchedEvents+ ThrottledRules+"),
    "AWS/EFS": (
        "FileSystemId",
        "BurstCreditBalance ClientConnections+ DataReadIOBytes DataWriteIOBytes PercentIOLimit PermittedThroughput"
        " TotalIOBytes"),
    "AWS/ES": (
        "DomainName ClientId NodeId",
        "ClusterStatus.green ClusterStatus.yellow ClusterStatus.red CPUUtilization FreeStorageSpace"
        " JVMMemoryPressure Nodes SearchableDocuments"),
    "AWS/Redshift": (
        "ClusterIdentifier NodeID",
        "CPUUtilization DatabaseConnections HealthStatus NetworkReceiveThroughput NetworkTransmitThroughput"
        " PercentageDiskSpaceUsed ReadIOPS WriteIOPS ReadLatency WriteLatency"),
}


@lru_cache(maxsize=1)
def _by_datadog_name() -> dict[str, tuple[str, str, bool]]:
    found: dict[str, tuple[str, str, bool]] = {}
    for namespace, (dimensions, metrics) in _METRICS.items():
        for metric in metrics.split():
            name = metric.removesuffix("+")
            for known in ((), tuple(dimensions.split())):  # ECS' names depend on them
                bare = metric_name(namespace, name, "Maximum", known).removesuffix(".maximum")
                found.setdefault(bare, (namespace, name, metric.endswith("+")))
    return found


def aws_metric(datadog_name: str) -> tuple[str, str, bool] | None:
    """`aws.ec2.cpuutilization`, without a statistic -> namespace, metric, and whether it counts."""
    return _by_datadog_name().get(datadog_name)


def aws_dimension(namespace: str, tag: str) -> str | None:
    """InstanceId for `host` of AWS/EC2."""
    dimensions = _METRICS.get(namespace, ("", ""))[0].split()
    plain = tag.replace("-", "").replace("_", "")
    return next((one for one in dimensions if tag_key(namespace, one) in (tag, plain)), None)


def aws_stands_alone(namespace: str) -> bool:
    """Whether each dimension is of a set of its own: no metric has two of them."""
    return namespace in _METRICS and namespace not in _WITHIN


_WITHIN = ("AWS/ApplicationELB", "AWS/NetworkELB", "AWS/ELB", "AWS/ECS", "AWS/S3", "AWS/ElastiCache", "AWS/Kinesis",
           "AWS/DynamoDB", "AWS/ApiGateway")
"""Where the other dimensions stand beside the first one, never alone."""


def aws_schema(namespace: str, dimensions: Iterable[str]) -> tuple[str, ...]:
    """The one set of dimensions to read an AWS metric by: () for a namespace that is not known."""
    known = _METRICS.get(namespace, ("", ""))[0].split()
    given = tuple(dimensions)
    if not known or not given:
        return tuple(known[:1])
    return given if namespace not in _WITHIN or known[0] in given else (known[0], *given)
