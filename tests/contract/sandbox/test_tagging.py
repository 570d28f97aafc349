"""The Resource Groups Tagging API through boto3: what is listed, filtered, paged and refused."""

from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.clients import tagging_client
from sandbox.credentials import AWS_ACCOUNT, OTHER_ACCESS_KEY_ID, OTHER_ACCOUNT
from sandbox.server import Sandbox
from tests.sandbox_fixtures import aws_client

SERVICE = "resourcegroupstaggingapi"


def instance(name: str, account: str = AWS_ACCOUNT, region: str = "eu-west-1") -> str:
    return f"arn:aws:ec2:{region}:{account}:instance/{name}"


def refusal(call: Any, **asked: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as refused:
        call(**asked)
    answer = refused.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def arns(client: Any, **asked: Any) -> list[str]:
    return [each["ResourceARN"] for each in client.get_resources(**asked)["ResourceTagMappingList"]]


@pytest.fixture
def tagged(sandbox: Sandbox) -> Sandbox:
    sandbox.tagging.tag(instance("i-1"), {"team": "shop", "env": "prod"})
    sandbox.tagging.tag(instance("i-2"), {"team": "shop", "env": "test"})
    sandbox.tagging.tag(instance("i-3"), {})
    sandbox.tagging.tag("arn:aws:s3:::lake", {"team": "data"})
    sandbox.tagging.tag("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1", {"team": "shop"})
    return sandbox


def test_resources_come_with_all_their_tags(tagged: Sandbox) -> None:
    answer = tagging_client(tagged.url).get_resources(ResourceTypeFilters=["ec2:instance"])
    answer.pop("ResponseMetadata")
    assert answer == {
        "PaginationToken": "",
        "ResourceTagMappingList": [
            {"ResourceARN": instance("i-1"),
             "Tags": [{"Key": "team", "Value": "shop"}, {"Key": "env", "Value": "prod"}]},
            {"ResourceARN": instance("i-2"),
             "Tags": [{"Key": "team", "Value": "shop"}, {"Key": "env", "Value": "test"}]},
            {"ResourceARN": instance("i-3"), "Tags": []},
        ],
    }  # fmt: skip


SHOP = ["instance/i-1", "instance/i-2", "loadbalancer/app/web/1"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"TagFilters": [{"Key": "team", "Values": ["data"]}]}, ["lake"]),
        ({"TagFilters": [{"Key": "team", "Values": ["data", "shop"]}]}, [*SHOP, "lake"]),
        ({"TagFilters": [{"Key": "env"}]}, ["instance/i-1", "instance/i-2"]),
        ({"TagFilters": [{"Key": "env", "Values": ["prod"]}, {"Key": "team", "Values": ["shop"]}]}, ["instance/i-1"]),
        ({"ResourceTypeFilters": ["s3"]}, ["lake"]),
        ({"ResourceTypeFilters": ["ec2:volume"]}, []),
        ({"ResourceTypeFilters": ["elasticloadbalancing:loadbalancer/app", "s3"]}, ["loadbalancer/app/web/1", "lake"]),
        ({"ResourceARNList": [instance("i-3"), instance("i-9")]}, ["instance/i-3"]),
    ],
)
def test_filters_are_joined_by_and_their_values_by_or(tagged: Sandbox, asked: Any, found: list[str]) -> None:
    assert [arn.rpartition(":")[2] for arn in arns(aws_client(tagged, SERVICE), **asked)] == found


def test_pages_follow_the_token(sandbox: Sandbox) -> None:
    for number in range(120):
        sandbox.tagging.tag(instance(f"i-{number:03}"), {"team": "shop"})
    client = aws_client(sandbox, SERVICE)
    pages = list(client.get_paginator("get_resources").paginate(ResourcesPerPage=100))
    assert [len(page["ResourceTagMappingList"]) for page in pages] == [100, 20]
    assert len(arns(client)) == 50


def test_every_account_and_region_has_resources_of_its_own(sandbox: Sandbox) -> None:
    sandbox.tagging.tag(instance("i-1", OTHER_ACCOUNT, "us-east-1"), {"a": "b"})
    sandbox.tagging.tag("arn:aws:s3:::theirs", {"a": "b"}, account=OTHER_ACCOUNT, region="us-east-1")
    keys = {"aws_access_key_id": OTHER_ACCESS_KEY_ID}
    assert arns(aws_client(sandbox, SERVICE)) == []
    assert arns(aws_client(sandbox, SERVICE, **keys)) == []
    assert len(arns(aws_client(sandbox, SERVICE, region_name="us-east-1", **keys))) == 2


@pytest.mark.parametrize(
    ("asked", "code", "message"),
    [
        ({"ResourcesPerPage": 101}, "InvalidParameterException", "ResourcesPerPage must be between 1 and 100"),
        ({"PaginationToken": "nonsense"}, "InvalidParameterException", "The provided PaginationToken is invalid"),
        ({"ResourceARNList": [instance("i-1")], "ResourcesPerPage": 5}, "InvalidParameterException",
         "ResourceARNList can't be used with filters or pagination"),
        ({"TagsPerPage": 150}, "InvalidParameterException",
         "TagsPerPage must be between 100 and 500, in increments of 100"),
    ],
)  # fmt: skip
def test_what_the_vendor_refuses_is_refused(sandbox: Sandbox, asked: Any, code: str, message: str) -> None:
    assert refusal(aws_client(sandbox, SERVICE).get_resources, **asked) == (400, code, message)


def test_a_token_ends_after_a_quarter_of_an_hour() -> None:
    now = [0.0]
    with Sandbox(clock=lambda: now[0]) as old:
        for name in "ab":
            old.tagging.tag(instance(name), {"a": "b"})
        token = tagging_client(old.url).get_resources(ResourcesPerPage=1)["PaginationToken"]
        now[0] = 901
        assert refusal(tagging_client(old.url).get_resources, PaginationToken=token)[1] == (
            "PaginationTokenExpiredException"
        )


def test_a_request_without_signature_or_with_a_foreign_key_is_refused(sandbox: Sandbox) -> None:
    unsigned = aws_client(sandbox, SERVICE, config=Config(signature_version=UNSIGNED))
    assert refusal(unsigned.get_resources)[:2] == (400, "MissingAuthenticationTokenException")
    foreign = aws_client(sandbox, SERVICE, aws_access_key_id="AKIAOTHER")
    assert refusal(foreign.get_resources) == (
        400, "UnrecognizedClientException", "The security token included in the request is invalid.",
    )  # fmt: skip


def test_another_operation_is_not_served(sandbox: Sandbox) -> None:
    assert refusal(aws_client(sandbox, SERVICE).get_tag_keys)[:2] == (400, "UnknownOperationException")
