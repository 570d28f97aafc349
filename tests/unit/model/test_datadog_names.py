"""Names of metrics and tags in Datadog, from CloudWatch's."""

import pytest

from watchbill.model.datadog_names import metric_name, tag_key, tag_value


def name(namespace: str, metric: str, statistic: str = "Average", *dimensions: str) -> str:
    return metric_name(namespace, metric, statistic, dimensions)


@pytest.mark.parametrize(
    ("namespace", "metric", "wanted"),
    [
        ("AWS/EC2", "CPUUtilization", "aws.ec2.cpuutilization"),
        ("AWS/EC2", "NetworkIn", "aws.ec2.network_in"),
        ("AWS/RDS", "FreeStorageSpace", "aws.rds.free_storage_space"),
        ("AWS/Lambda", "Invocations", "aws.lambda.invocations"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "aws.sqs.approximate_number_of_messages_visible"),
        ("AWS/ApplicationELB", "UnHealthyHostCount", "aws.applicationelb.un_healthy_host_count"),
        ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "aws.applicationelb.httpcode_target_5xx"),
        ("AWS/ApplicationELB", "HTTP_Redirect_Count", "aws.applicationelb.httpredirect"),
        ("AWS/ELB", "HTTPCode_Backend_5XX", "aws.elb.httpcode_backend_5xx"),
        ("AWS/ELB", "EstimatedALBActiveConnectionCount", "aws.elb.estimated_albactive_connection_count"),
        ("AWS/ApiGateway", "5XXError", "aws.apigateway.5xxerror"),
        ("AWS/CloudFront", "5xxErrorRate", "aws.cloudfront.5xx_error_rate"),
        ("AWS/CloudFront", "404ErrorRate", "aws.cloudfront.404_error_rate"),
        ("AWS/SageMaker", "Invocation5XXErrors", "aws.sagemaker.invocation_5xx_errors"),
        ("AWS/ElasticMapReduce", "S3BytesRead", "aws.elasticmapreduce.s_3bytes_read"),
        ("AWS/Lambda", "Url4xxCount", "aws.lambda.url_4xx_count"),
        ("AWS/ApplicationELB", "IPv6ProcessedBytes", "aws.applicationelb.ipv_6processed_bytes"),
        ("AWS/ApplicationELB", "HTTPCode_ELB_500_Count", "aws.applicationelb.httpcode_elb_5_0_0"),
    ],
)
def test_an_aws_namespace_has_the_names_that_the_integration_documents(
    namespace: str, metric: str, wanted: str
) -> None:
    assert name(namespace, metric) == wanted


@pytest.mark.parametrize(
    ("namespace", "metric", "wanted"),
    [
        ("shop", "errors", "shop.errors"),
        ("shop", "error rate (%)", "shop.error_rate____"),
        ("CWAgent", "cpu_usage_active", "CWAgent.cpu_usage_active"),
        ("My App/Orders", "Placed", "My_App_Orders.Placed"),
        ("AWSLike", "x", "AWSLike.x"),
    ],
)
def test_any_other_namespace_is_the_first_word_in_its_own_case(namespace: str, metric: str, wanted: str) -> None:
    for statistic in ("Average", "Sum", "Maximum", "p99"):
        assert name(namespace, metric, statistic) == wanted


@pytest.mark.parametrize(
    ("namespace", "metric", "statistic", "wanted"),
    [
        ("AWS/EC2", "NetworkIn", "Maximum", "aws.ec2.network_in.maximum"),
        ("AWS/S3", "FirstByteLatency", "Minimum", "aws.s3.first_byte_latency.minimum"),
        ("AWS/Lambda", "Duration", "p99.9", "aws.lambda.duration.p99.9"),
        ("AWS/DynamoDB", "SuccessfulRequestLatency", "SampleCount",
         "aws.dynamodb.successful_request_latency.samplecount"),
        # The name alone is the sum of a count, and the average of a gauge.
        ("AWS/Lambda", "Invocations", "Sum", "aws.lambda.invocations"),
        ("AWS/Lambda", "Duration", "Sum", "aws.lambda.duration.sum"),
        ("AWS/Kinesis", "IncomingBytes", "Sum", "aws.kinesis.incoming_bytes.sum"),
        ("AWS/Kinesis", "IncomingBytes", "Average", "aws.kinesis.incoming_bytes"),
        ("AWS/Kinesis", "IncomingRecords", "Sum", "aws.kinesis.incoming_records"),
        ("AWS/Kinesis", "IncomingRecords", "Average", "aws.kinesis.incoming_records.average"),
        ("AWS/ApplicationELB", "TargetResponseTime", "Average", "aws.applicationelb.target_response_time.average"),
        ("AWS/ApplicationELB", "TargetResponseTime", "p95", "aws.applicationelb.target_response_time.p95"),
    ],
)
def test_a_statistic_of_an_aws_namespace_is_a_metric_of_its_own(
    namespace: str, metric: str, statistic: str, wanted: str
) -> None:
    assert name(namespace, metric, statistic) == wanted


def test_ecs_says_of_whom_the_numbers_are() -> None:
    cluster = name("AWS/ECS", "CPUUtilization", "Average", "ClusterName")
    service = name("AWS/ECS", "CPUUtilization", "Maximum", "ClusterName", "ServiceName")
    assert (cluster, service) == ("aws.ecs.cluster.cpuutilization", "aws.ecs.service.cpuutilization.maximum")


def test_the_dimensions_of_an_aws_namespace_become_its_tags() -> None:
    assert [tag_key("AWS/EC2", one) for one in ("InstanceId", "DBInstanceIdentifier", "FunctionName")] == [
        "host", "dbinstanceidentifier", "functionname"]
    assert [tag_key("shop", one) for one in ("InstanceId", "path", "My Zone")] == ["instanceid", "path", "my_zone"]


def test_names_and_tags_are_kept_as_datadog_keeps_them() -> None:
    assert tag_value("Ünder_score-1:2/3.4 %") == "ünder_score-1:2/3.4__"
    assert {len(tag_value("x" * 300)), len(name("a", "x" * 300)), len(name("AWS/EC2", "x" * 300))} == {200}
