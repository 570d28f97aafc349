"""Datadog's dashboards, through the vendor's client, over HTTP."""

from typing import Any

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.sandbox_fixtures import datadog_client
from tests.unit.dashboards.made import one, shop
from watchbill.dashboards.compare import difference
from watchbill.dashboards.live import datadog_calls
from watchbill.dashboards.live.datadog import DatadogCloud, app_url
from watchbill.model.failures import DashboardError

POST = "POST /api/v1/dashboard"


def _cloud(sandbox: Sandbox, **options: Any) -> DatadogCloud:
    return DatadogCloud(datadog_client(sandbox, **options), wait=lambda _: None)


def _refs(cloud: DatadogCloud) -> dict[str | None, str]:
    return {each.id: each.ref for each in reversed(cloud.list())}


def test_a_dashboard_is_kept_and_read_back_without_a_difference(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    made = cloud.create("shop", cloud.render(shop()), {})
    assert cloud.get(made.ref) == made
    assert difference(made.body, cloud.comparable(cloud.render(shop()))) == []
    assert _refs(cloud) == {"shop": made.ref}
    assert made.url == f"{sandbox.url}/datadog/dashboard/{made.ref}/the-shop"


def test_it_is_found_by_its_mark_over_all_pages_and_others_are_not(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datadog_calls, "COUNT", 3)
    monkeypatch.setattr(datadog_calls, "LEAST_PAGE", 2)
    cloud = _cloud(sandbox)
    body = cloud.render(shop()) | {"description": "somebody else's"}
    for _ in range(6):
        cloud._calls.create(body)
    made = cloud.create("shop", cloud.render(shop()), {})
    assert _refs(cloud) == {"shop": made.ref}


def test_the_version_of_the_list_is_the_one_of_the_last_write(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    made = cloud.create("shop", cloud.render(shop()), {})
    assert [each.version for each in cloud.list()] == [made.listed]
    written = cloud.update(made, cloud.render(shop(title="New")), {})
    assert [each.version for each in cloud.list()] == [written.listed] != [made.listed]


def test_one_that_is_adopted_is_listed_and_marked_by_its_first_update(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    theirs = cloud._calls.create(cloud.render(shop()) | {"description": "by hand"})
    assert cloud.list() == []
    assert [(each.ref, each.id) for each in cloud.list([theirs["id"]])] == [(theirs["id"], None)]
    held = cloud.get(theirs["id"])
    assert held
    cloud.update(held, cloud.render(shop()), {})
    assert _refs(cloud) == {"shop": theirs["id"]}


def test_another_owners_are_not_ours(sandbox: Sandbox) -> None:
    _cloud(sandbox).create("shop", _cloud(sandbox).render(shop()), {})
    assert DatadogCloud(datadog_client(sandbox), "staging").list() == []


def test_a_page_that_may_be_cut_is_asked_on_unless_what_matters_is_there(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(datadog_calls, "LEAST_PAGE", 3)
    cloud = _cloud(sandbox)
    refs = [cloud.create(f"shop-{at}", cloud.render(shop(id=f"shop-{at}")), {}).ref for at in range(3)]
    for enough, calls in (([], 2), (refs[:2], 1), ([*refs, "abc-def-ghi"], 2)):
        sandbox.faults.calls.clear()
        assert len(cloud.list(enough=enough)) == len(refs)
        assert sandbox.faults.calls["datadog", "GET /api/v1/dashboard"] == calls


def test_a_list_of_something_else_is_an_error_and_not_an_empty_one(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("datadog", "GET /api/v1/dashboard", body={"dashboards": None}))
    with pytest.raises(DashboardError, match="the answer is not Datadog's"):
        _cloud(sandbox).list()


def test_a_limit_is_waited_for_and_a_failed_read_is_tried_again(sandbox: Sandbox) -> None:
    waited: list[float] = []
    cloud = DatadogCloud(datadog_client(sandbox), wait=waited.append)
    limit = {"status": 429, "body": {"errors": ["Rate limit of 1"]}, "headers": {"X-RateLimit-Reset": "7"}}
    sandbox.faults.add(Fault("datadog", POST, **limit))  # type: ignore[arg-type]
    sandbox.faults.add(Fault("datadog", "GET /api/v1/dashboard", status=503, times=2))
    cloud.create("shop", cloud.render(shop()), {})
    assert len(cloud.list()) == len(sandbox.datadog.dashboards) == 1
    assert waited == [7.0, 1.0, 2.0]


def test_a_put_whose_answer_is_lost_is_looked_behind(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    made = cloud.create("shop", cloud.render(shop()), {})
    sandbox.faults.add(Fault("datadog", "PUT /api/v1/dashboard/{id}", cut=True, after=True))
    assert cloud.update(made, cloud.render(shop(title="New")), {}).body["title"] == "New"
    sandbox.faults.add(Fault("datadog", "PUT /api/v1/dashboard/{id}", status=502))
    held = cloud.get(made.ref)
    assert held
    with pytest.raises(DashboardError, match="502"):
        cloud.update(held, cloud.render(shop(title="Newer")), {})
    assert sandbox.faults.calls["datadog", "PUT /api/v1/dashboard/{id}"] == 2


def test_deleting_what_is_gone_is_done(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    made = cloud.create("shop", cloud.render(shop()), {})
    sandbox.faults.add(Fault("datadog", "DELETE /api/v1/dashboard/{id}", cut=True, after=True))
    cloud.delete(made.ref)
    cloud.delete(made.ref)
    assert sandbox.datadog.dashboards == {}


def test_of_a_dashboard_and_its_clone_the_older_is_ours(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    made = cloud.create("shop", cloud.render(shop()), {})
    cloud._calls.create(cloud.render(shop()))
    assert _refs(cloud) == {"shop": made.ref}


def test_one_that_is_not_there_is_none(sandbox: Sandbox) -> None:
    assert _cloud(sandbox).get("abc-def-ghi") is None


@pytest.mark.parametrize("fault", [
    Fault("datadog", POST, cut=True, after=True), Fault("datadog", POST, status=502, after=True),
    Fault("datadog", POST, partial=True), Fault("datadog", POST, body="<html>", after=True),
])
@pytest.mark.parametrize("enable_retry", [False, True])
def test_a_post_whose_answer_is_lost_is_found_and_not_repeated(
    sandbox: Sandbox, fault: Fault, enable_retry: bool
) -> None:
    cloud = _cloud(sandbox, enable_retry=enable_retry)
    sandbox.faults.add(fault)
    made = cloud.create("shop", cloud.render(shop()), {})
    assert list(sandbox.datadog.dashboards) == [made.ref]
    assert sandbox.faults.calls["datadog", POST] == 1


@pytest.mark.parametrize("fault", [Fault("datadog", POST, cut=True), Fault("datadog", POST, status=502)])
def test_a_post_that_was_lost_is_an_error_and_not_repeated(sandbox: Sandbox, fault: Fault) -> None:
    cloud = _cloud(sandbox)
    sandbox.faults.add(fault)
    with pytest.raises(DashboardError, match=r"^Datadog, a new dashboard: "):
        cloud.create("shop", cloud.render(shop()), {})
    assert sandbox.faults.calls["datadog", POST] == 1
    assert sandbox.datadog.dashboards == {}


def test_what_somebody_changed_since_is_not_overwritten(sandbox: Sandbox) -> None:
    cloud = _cloud(sandbox)
    held = cloud.create("shop", cloud.render(shop()), {})
    theirs = cloud.update(held, cloud.render(one({"type": "text", "markdown": "theirs"})), {})
    with pytest.raises(DashboardError, match="was changed since it was compared"):
        cloud.update(held, cloud.render(shop()), {})
    assert cloud.get(held.ref) == theirs


def test_a_refusal_is_a_sentence_with_the_vendors_words(sandbox: Sandbox) -> None:
    body = {"title": "x", "layout_type": "ordered", "widgets": [{"definition": {"type": "no_such"}}]}
    with pytest.raises(DashboardError) as caught:
        _cloud(sandbox).create("shop", body, {})
    assert str(caught.value) == ("Datadog, a new dashboard: 400 Invalid widget definition at position 0 of type "
                                 "no_such. Error: 'no_such' is not a valid widget type.")


def test_a_wrong_key_is_not_told(sandbox: Sandbox) -> None:
    client = datadog_client(sandbox)
    client.configuration.api_key["appKeyAuth"] = "hidden"
    with pytest.raises(DashboardError, match=r"^Datadog, the list of dashboards: 403 Forbidden$") as caught:
        DatadogCloud(client).list()
    assert "hidden" not in str(caught.value)


def test_the_callers_client_stays_as_it_is(sandbox: Sandbox) -> None:
    client = datadog_client(sandbox, enable_retry=True)
    DatadogCloud(client).list()
    assert (client.configuration.preload_content, client.configuration.enable_retry) == (True, True)


@pytest.mark.parametrize(("api", "app"), [
    ("https://api.datadoghq.com", "https://app.datadoghq.com"),
    ("https://api.datadoghq.eu", "https://app.datadoghq.eu"),
    ("https://api.us5.datadoghq.com", "https://us5.datadoghq.com"),
    ("https://api.ddog-gov.com", "https://app.ddog-gov.com"),
    ("http://127.0.0.1:8000/datadog", "http://127.0.0.1:8000/datadog"),
])
def test_people_look_at_another_address_than_clients(api: str, app: str) -> None:
    assert app_url(api) == app
