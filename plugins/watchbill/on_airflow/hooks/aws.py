"""AWS, on the provider's AwsBaseHook: assumed roles, regions and endpoints come from the connection."""

from functools import cached_property
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.providers.amazon.aws.utils.connection_wrapper import AwsConnectionWrapper

from watchbill.channels.sns import prepared
from watchbill.sources.errors import Asked
from watchbill.sources.errors.cloudwatch import explained

READING = {"retries": {"mode": "standard", "total_max_attempts": 4}, "connect_timeout": 10, "read_timeout": 60,
           "parameter_validation": False,  # AWS does it too
           "user_agent": "Watchbill"}  # botocore collects what stands there else anew for each request
SENDING = {"retries": {"mode": "standard", "total_max_attempts": 1}, "connect_timeout": 10, "read_timeout": 30}
"""A message that is sent again by the client is a message that the ledger does not know of."""


class _NamedHook(AwsBaseHook):
    """Says itself who calls. The provider looks through every module of the process for it, a tenth of a second."""

    def _get_caller(self, target_function_name: str = "execute") -> str:  # noqa: ARG002
        return "Watchbill"


class _ReadingHook(_NamedHook):
    """`role`: the ARN of a role to assume with the connection's credentials, instead of the one in its extra."""

    client_type = ""

    def __init__(self, aws_conn_id: str = "aws_default", *, role: str = "", external_id: str = "",
                 **kwargs: Any) -> None:
        super().__init__(aws_conn_id=aws_conn_id, client_type=self.client_type, config=READING, **kwargs)
        self.role, self.external_id = role, external_id

    @cached_property
    def conn_config(self) -> AwsConnectionWrapper:
        config: AwsConnectionWrapper = super().conn_config
        if self.role:
            config.role_arn, config.assume_role_method = self.role, "assume_role"
            config.assume_role_kwargs = {"ExternalId": self.external_id} if self.external_id else {}
        return config


class TaggingHook(_ReadingHook):
    """`conn` is a boto3 client of the Resource Groups Tagging API."""

    client_type = "resourcegroupstaggingapi"


class CloudWatchHook(_ReadingHook):
    """`client()` is boto3's for CloudWatch; `account()` and `conn_region_name` name what it reads."""

    client_type = "cloudwatch"

    def client(self) -> Any:
        """Raises SourceError where the connection lacks what a client needs, as a region."""
        region = str(self.region_name or "no region")
        with explained(Asked("CloudWatch", region, str(self.aws_conn_id), "connecting")):
            return self.conn

    def account(self) -> str:
        """The account's number, asked of STS. Raises SourceError."""
        with explained(Asked("STS", str(self.region_name), str(self.aws_conn_id), "GetCallerIdentity")):
            return str(self.account_id)


class SesHook(_NamedHook):
    """`conn` is a boto3 SES v2 client; `sender` is the connection's `from_email`."""

    def __init__(self, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(aws_conn_id=aws_conn_id, client_type="sesv2", config=SENDING, **kwargs)

    @property
    def sender(self) -> str:
        return str(self.conn_config.extra_config.get("from_email", ""))


class SnsHook(_NamedHook):
    """`conn` is a boto3 SNS client."""

    def __init__(self, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(aws_conn_id=aws_conn_id, client_type="sns", config=SENDING, **kwargs)

    @cached_property
    def conn(self) -> Any:
        return prepared(super().conn)


def s3_options(aws_conn_id: str) -> dict[str, Any]:
    """What pyarrow's S3FileSystem needs to act as the connection: keys, region and endpoint."""
    hook = AwsBaseHook(aws_conn_id=aws_conn_id, client_type="s3")
    keys = hook.get_credentials()
    options = {
        "access_key": keys.access_key,
        "secret_key": keys.secret_key,
        "session_token": keys.token,
        "region": hook.conn_region_name,
        "endpoint_override": hook.conn_config.get_service_endpoint_url("s3"),
    }
    return {name: value for name, value in options.items() if value}
