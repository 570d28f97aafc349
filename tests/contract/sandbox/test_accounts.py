"""Several AWS accounts and regions, the roles that lead into them, and what they share."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import credentials
from sandbox.credentials import (
    AWS_ACCOUNT,
    OTHER_ACCESS_KEY_ID,
    OTHER_ACCOUNT,
    OTHER_ROLE,
    THIRD_ACCOUNT,
    THIRD_ROLE,
)
from sandbox.server import Sandbox
from tests.contract.sandbox.cloudwatch_server import moment, query
from tests.sandbox_fixtures import aws_client

HOUR_AGO = datetime.now(UTC).timestamp() // 60 * 60 - 3600
SESSION = "watchbill"


def refusal(call: Any, **named: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as refused:
        call(**named)
    answer = refused.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def assumed(sandbox: Sandbox, service: str, role: credentials.Role, **options: Any) -> Any:
    """boto3's client with a role's temporary keys."""
    asked = {"ExternalId": role.external_id} if role.external_id else {}
    lent = aws_client(sandbox, "sts").assume_role(RoleArn=role.arn, RoleSessionName=SESSION, **asked)["Credentials"]
    keys = {"aws_access_key_id": lent["AccessKeyId"], "aws_secret_access_key": lent["SecretAccessKey"],
            "aws_session_token": lent["SessionToken"]}  # fmt: skip
    return aws_client(sandbox, service, **keys | options)


def metrics_of(client: Any, **asked: Any) -> list[str]:
    return [metric["MetricName"] for metric in client.list_metrics(**asked)["Metrics"]]


def values(client: Any, *queries: dict[str, Any]) -> list[tuple[str, list[float]]]:
    answer = client.get_metric_data(MetricDataQueries=list(queries), StartTime=moment(HOUR_AGO),
                                    EndTime=moment(HOUR_AGO + 600))
    return [(result["StatusCode"], result["Values"]) for result in answer["MetricDataResults"]]


@pytest.fixture
def clouds(sandbox: Sandbox) -> Iterator[Sandbox]:
    """One metric of its own in each account, another in a second region, and one that all have."""
    for number, account in enumerate((AWS_ACCOUNT, OTHER_ACCOUNT, THIRD_ACCOUNT), 1):
        sandbox.cloudwatch_of(account).put("shop", f"of_{account}", {}, [HOUR_AGO], [number])
        sandbox.cloudwatch_of(account).put("shop", "shared", {}, [HOUR_AGO], [number])
    sandbox.cloudwatch_of(OTHER_ACCOUNT, "us-east-1").put("shop", "elsewhere", {}, [HOUR_AGO], [9])
    return sandbox


def test_the_key_tells_the_account_and_the_signature_the_region(clouds: Sandbox) -> None:
    assert metrics_of(aws_client(clouds, "cloudwatch")) == [f"of_{AWS_ACCOUNT}", "shared"]
    other = {"aws_access_key_id": OTHER_ACCESS_KEY_ID}
    assert metrics_of(aws_client(clouds, "cloudwatch", **other)) == [f"of_{OTHER_ACCOUNT}", "shared"]
    assert metrics_of(aws_client(clouds, "cloudwatch", region_name="us-east-1", **other)) == ["elsewhere"]
    assert metrics_of(aws_client(clouds, "cloudwatch", region_name="us-east-1")) == []


def test_the_default_store_is_the_default_accounts_in_its_region(clouds: Sandbox) -> None:
    assert clouds.cloudwatch is clouds.cloudwatch_of(AWS_ACCOUNT)
    aws_client(clouds, "cloudwatch").put_metric_data(Namespace="new", MetricData=[{"MetricName": "m", "Value": 1}])
    assert "m" in [key.metric for key, _ in clouds.cloudwatch.metrics.listed()]


@pytest.mark.parametrize("role", [OTHER_ROLE, THIRD_ROLE])
def test_a_role_leads_into_its_account(clouds: Sandbox, role: credentials.Role) -> None:
    assert metrics_of(assumed(clouds, "cloudwatch", role)) == [f"of_{role.account}", "shared"]
    caller = assumed(clouds, "sts", role).get_caller_identity()
    assert (caller["Account"], caller["Arn"]) == (
        role.account, f"arn:aws:sts::{role.account}:assumed-role/watchbill/{SESSION}",
    )  # fmt: skip


def test_every_key_is_told_whose_it_is(sandbox: Sandbox) -> None:
    caller = aws_client(sandbox, "sts", aws_access_key_id=OTHER_ACCESS_KEY_ID).get_caller_identity()
    assert (caller["Account"], caller["Arn"]) == (OTHER_ACCOUNT, f"arn:aws:iam::{OTHER_ACCOUNT}:user/watchbill")


@pytest.mark.parametrize(
    ("arn", "external_id"),
    [(OTHER_ROLE.arn, {"ExternalId": "wrong"}), (OTHER_ROLE.arn, {}),
     (f"arn:aws:iam::{AWS_ACCOUNT}:role/nobody", {})],
)  # fmt: skip
def test_a_role_that_does_not_trust_the_caller_is_denied(sandbox: Sandbox, arn: str, external_id: Any) -> None:
    call = aws_client(sandbox, "sts").assume_role
    assert refusal(call, RoleArn=arn, RoleSessionName=SESSION, **external_id) == (
        403, "AccessDenied",
        f"User: arn:aws:iam::{AWS_ACCOUNT}:user/watchbill is not authorized to perform: sts:AssumeRole on resource: "
        f"{arn}",
    )  # fmt: skip


def test_a_temporary_key_needs_its_session_token(clouds: Sandbox) -> None:
    client = assumed(clouds, "cloudwatch", THIRD_ROLE, aws_session_token="another")
    assert refusal(client.list_metrics)[:2] == (403, "InvalidClientTokenId")


def test_temporary_keys_end(clouds: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    lent = clouds.identities.assume(THIRD_ROLE.arn, SESSION, None, 900)
    assert lent
    monkeypatch.setattr(clouds.identities, "_clock", lambda: lent.expires_s)
    keys = {"aws_access_key_id": lent.key, "aws_session_token": lent.token}
    for service, call in (("cloudwatch", "list_metrics"), ("sns", "list_topics")):
        assert refusal(getattr(aws_client(clouds, service, **keys), call)) == (
            403, "ExpiredToken", "The security token included in the request is expired",
        )  # fmt: skip


def test_behind_moto_accounts_are_apart_too(sandbox: Sandbox) -> None:
    assert aws_client(sandbox, "sns", aws_access_key_id=OTHER_ACCESS_KEY_ID).list_topics()["Topics"] == []
    assumed(sandbox, "sns", THIRD_ROLE).create_topic(Name="theirs")
    assert len(aws_client(sandbox, "sns").list_topics()["Topics"]) == 2


# Linked accounts


def test_linked_accounts_are_listed_with_their_owners(clouds: Sandbox) -> None:
    clouds.link(OTHER_ACCOUNT)
    client = aws_client(clouds, "cloudwatch")
    answer = client.list_metrics(IncludeLinkedAccounts=True)
    names = [metric["MetricName"] for metric in answer["Metrics"]]
    assert list(zip(answer["OwningAccounts"], names, strict=True)) == [
        (AWS_ACCOUNT, f"of_{AWS_ACCOUNT}"), (AWS_ACCOUNT, "shared"),
        (OTHER_ACCOUNT, f"of_{OTHER_ACCOUNT}"), (OTHER_ACCOUNT, "shared"),
    ]  # fmt: skip
    answer = client.list_metrics(IncludeLinkedAccounts=True, OwningAccount=OTHER_ACCOUNT, MetricName="shared")
    assert (len(answer["Metrics"]), answer["OwningAccounts"]) == (1, [OTHER_ACCOUNT])
    assert metrics_of(client) == [f"of_{AWS_ACCOUNT}", "shared"]


def test_pages_go_on_from_one_account_to_the_next(clouds: Sandbox) -> None:
    clouds.link(OTHER_ACCOUNT, THIRD_ACCOUNT)
    for account in (AWS_ACCOUNT, OTHER_ACCOUNT):
        for number in range(300):
            clouds.cloudwatch_of(account).put("many", "m", {"n": f"{number:03}"}, [HOUR_AGO], [1])
    pages = list(aws_client(clouds, "cloudwatch").get_paginator("list_metrics").paginate(IncludeLinkedAccounts=True))
    owners = [owner for page in pages for owner in page["OwningAccounts"]]
    assert [len(page["Metrics"]) for page in pages] == [500, 106]
    assert [owners.count(account) for account in (AWS_ACCOUNT, OTHER_ACCOUNT, THIRD_ACCOUNT)] == [302, 302, 2]


def test_only_linked_accounts_are_listed(clouds: Sandbox) -> None:
    client = aws_client(clouds, "cloudwatch")
    assert refusal(client.list_metrics, IncludeLinkedAccounts=True, OwningAccount=OTHER_ACCOUNT) == (
        400, "InvalidParameterValue", f"The value {OTHER_ACCOUNT} for parameter OwningAccount is invalid.",
    )  # fmt: skip
    clouds.link(OTHER_ACCOUNT)
    assert refusal(client.list_metrics, OwningAccount=OTHER_ACCOUNT)[1] == "InvalidParameterValue"


def test_a_query_reads_a_linked_account_and_is_forbidden_any_other(clouds: Sandbox) -> None:
    clouds.link(OTHER_ACCOUNT)
    asked = [{**query(f"q{number}", metric="shared"), "AccountId": account}
             for number, account in enumerate((AWS_ACCOUNT, OTHER_ACCOUNT, THIRD_ACCOUNT))]
    assert values(aws_client(clouds, "cloudwatch"), query(metric="shared"), *asked) == [
        ("Complete", [1.0]), ("Complete", [1.0]), ("Complete", [2.0]), ("Forbidden", []),
    ]  # fmt: skip


def test_a_link_shows_nothing_to_the_source_account(clouds: Sandbox) -> None:
    clouds.link(OTHER_ACCOUNT)
    client = aws_client(clouds, "cloudwatch", aws_access_key_id=OTHER_ACCESS_KEY_ID)
    assert values(client, {**query(metric="shared"), "AccountId": AWS_ACCOUNT}) == [("Forbidden", [])]
