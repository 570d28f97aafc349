"""CloudWatch's dashboards, through boto3, over HTTP."""

from dataclasses import replace
from typing import Any

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.sandbox_fixtures import aws_client
from tests.unit.dashboards.made import one, shop
from watchbill.dashboards.live.cloudwatch import CloudWatchCloud
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.model.failures import Changed, DashboardError


def _cloud(sandbox: Sandbox, **options: Any) -> CloudWatchCloud:
    return CloudWatchCloud(aws_client(sandbox, "cloudwatch", **options))


def test_a_dashboard_is_kept_under_its_name_and_read_back_as_it_was_given(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    made = cloud.create("shop", cloud.render(shop()), cloud.tags(shop(tags=["team:shop"])))
    found = cloud.get("watchbill-shop")
    assert found == replace(made, arn="arn:aws:cloudwatch::123456789012:dashboard/watchbill-shop")
    assert made.body == cloud.comparable(to_cloudwatch(shop(), "eu-west-1"))
    assert cloud.raw("watchbill-shop") == to_cloudwatch(shop(), "eu-west-1")
    assert sandbox.cloudwatch.dashboards["watchbill-shop"].tags == {"team": "shop", "watchbill": "watchbill/shop"}
    assert made.url == ("https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
                        "#dashboards/dashboard/watchbill-shop")


def test_only_ours_are_listed_over_all_pages(sandbox: Sandbox) -> None:
    cloud, client = _cloud(sandbox), aws_client(sandbox, "cloudwatch")
    for name in ("somebody-elses", "watchbill-first"):
        client.put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')
    held = sandbox.cloudwatch.dashboards["watchbill-first"]
    many = [f"watchbill-{at:04}" for at in range(1_001)]  # a page holds 1,000
    sandbox.cloudwatch.dashboards.update({name: replace(held, name=name) for name in many})
    assert {each.id: each.ref for each in cloud.list()} == {
        f"{at:04}": f"watchbill-{at:04}" for at in range(1_001)} | {"first": "watchbill-first"}


def test_one_that_is_adopted_is_listed_with_ours_and_nobody_elses(sandbox: Sandbox) -> None:
    cloud, client = _cloud(sandbox), aws_client(sandbox, "cloudwatch")
    for name in ("somebody-elses", "adopted", "watchbill-first"):
        client.put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')
    assert {each.ref: each.id for each in cloud.list(["adopted"])} == {"adopted": None, "watchbill-first": "first"}
    assert sandbox.faults.calls["cloudwatch", "ListDashboards"] == 1


def test_another_owners_are_not_ours(sandbox: Sandbox) -> None:
    _cloud(sandbox).create("shop", {"widgets": []}, {})
    assert CloudWatchCloud(aws_client(sandbox, "cloudwatch"), "staging").list() == []


def test_the_version_of_the_list_changes_with_every_edit(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    made = cloud.create("shop", {"widgets": []}, {})
    (before,) = cloud.list()
    assert cloud.list() == [before]
    cloud.update(made, {"widgets": [], "start": "-PT3H"}, {})
    assert cloud.list()[0].version != before.version


def test_a_name_is_no_proof_and_our_tag_is(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    cloud.create("ours", {"widgets": []}, cloud.tags(shop(id="ours")))
    held = sandbox.cloudwatch.dashboards["watchbill-ours"]
    sandbox.cloudwatch.dashboards["watchbill-theirs"] = replace(held, name="watchbill-theirs", tags={})
    assert [cloud.owns(each) for each in cloud.list()] == [True, False]


def test_tags_are_put_on_an_update_too(sandbox: Sandbox) -> None:
    cloud, client = _cloud(sandbox), aws_client(sandbox, "cloudwatch")
    client.put_dashboard(DashboardName="adopted", DashboardBody='{"widgets": []}')
    held = cloud.get("adopted")
    assert held
    cloud.update(held, cloud.render(shop()), cloud.tags(shop()))
    assert sandbox.cloudwatch.dashboards["adopted"].tags == {"watchbill": "watchbill/shop"}


def test_deleting_what_is_gone_is_done(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    cloud.create("shop", {"widgets": []}, {})
    cloud.delete("watchbill-shop")
    cloud.delete("watchbill-shop")
    assert sandbox.cloudwatch.dashboards == {}


def test_one_that_is_not_there_is_none(sandbox: Sandbox) -> None:
    assert _cloud(sandbox).get("watchbill-nothing") is None


def test_what_somebody_changed_since_is_not_overwritten(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    held = cloud.create("shop", cloud.render(shop()), {})
    theirs = cloud.update(held, cloud.render(one({"type": "text", "markdown": "theirs"})), {})
    with pytest.raises(Changed, match="watchbill-shop was changed since it was compared"):
        cloud.update(held, cloud.render(shop()), {})
    found = cloud.get("watchbill-shop")
    assert found
    assert found.body == theirs.body


def test_a_refusal_is_a_sentence_with_the_vendors_words(sandbox: Sandbox) -> None:
    with pytest.raises(DashboardError, match="PutDashboard was refused with 400 InvalidParameterInput") as caught:
        _cloud(sandbox).create("shop", {"widgets": [{"type": "text"}]}, {})
    assert "properties" in str(caught.value)


def test_a_wrong_key_is_not_told(sandbox: Sandbox) -> None:
    with pytest.raises(DashboardError) as caught:
        _cloud(sandbox, aws_access_key_id="AKIAWRONG", aws_secret_access_key="hidden").list()
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("fault", [
    Fault("cloudwatch", status=500, body="<html>"), Fault("cloudwatch", cut=True), Fault("cloudwatch", body="nonsense"),
    Fault("cloudwatch", status=403, body={"__type": "AccessDeniedException"}),
])
def test_trouble_is_a_dashboard_error(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.faults.add(fault)
    with pytest.raises(DashboardError, match=r"^CloudWatch: GetDashboard "):
        _cloud(sandbox).get("watchbill-shop")
