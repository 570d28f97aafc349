"""The sandbox's Datadog dashboards: through datadog-api-client, and beside what the vendor answered."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from datadog_api_client.exceptions import NotFoundException
from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from datadog_api_client.v1.model.dashboard import Dashboard
from datadog_api_client.v1.model.dashboard_layout_type import DashboardLayoutType
from datadog_api_client.v1.model.note_widget_definition import NoteWidgetDefinition
from datadog_api_client.v1.model.note_widget_definition_type import NoteWidgetDefinitionType
from datadog_api_client.v1.model.widget import Widget

from sandbox import credentials
from sandbox.datadog.dashboard_rules import check
from sandbox.datadog.refused import Refused
from sandbox.server import Sandbox
from tests.sandbox_fixtures import datadog_client

CASES = Path(os.environ.get("WATCHBILL_CASES", Path(__file__).parents[3] / ".." / "shared")) / "data"
KEYS = {"DD-API-KEY": credentials.DATADOG_API_KEY, "DD-APPLICATION-KEY": credentials.DATADOG_APPLICATION_KEY}
SERVER_ADDS = ("id", "url", "author_handle", "author_name", "created_at", "modified_at", "is_read_only")


def note(**changes: Any) -> dict[str, Any]:
    return {"definition": {"type": "note", "content": "hello"} | changes}


def timeseries(**changes: Any) -> dict[str, Any]:
    query = {"data_source": "metrics", "name": "a", "query": "avg:system.cpu.user{*}"}
    request = {"queries": [query], "formulas": [{"formula": "a"}], "response_format": "timeseries"}
    return {"definition": {"type": "timeseries", "requests": [request]} | changes}


def dashboard(*widgets: Any, **changes: Any) -> dict[str, Any]:
    return {"title": "Shop", "layout_type": "ordered", "widgets": list(widgets) or [note()]} | changes


def refusal(body: Any) -> str:
    with pytest.raises(Refused) as caught:
        check(body)
    assert caught.value.status == 400
    return str(caught.value.errors[0])


def post(sandbox: Sandbox, body: Any) -> Any:
    return httpx.post(f"{sandbox.url}/datadog/api/v1/dashboard", json=body, headers=KEYS)


def test_a_dashboard_is_created_read_replaced_and_deleted(sandbox: Sandbox) -> None:
    api = DashboardsApi(datadog_client(sandbox))
    definition = NoteWidgetDefinition(type=NoteWidgetDefinitionType("note"), content="hello")
    body = Dashboard(title="Shop", layout_type=DashboardLayoutType("ordered"), widgets=[Widget(definition)])
    created = api.create_dashboard(body)
    assert api.get_dashboard(created.id).to_dict() == created.to_dict()
    body.title = "Shop, again"
    replaced = api.update_dashboard(created.id, body)
    assert (replaced.id, replaced.title, replaced.created_at) == (
        created.id,
        "Shop, again",
        created.created_at,
    )
    assert replaced.modified_at > created.modified_at
    assert replaced.widgets[0].id != created.widgets[0].id
    assert api.delete_dashboard(created.id).deleted_dashboard_id == created.id
    for call in (api.get_dashboard, api.delete_dashboard):
        with pytest.raises(NotFoundException, match=f"Dashboard with ID {created.id} not found"):
            call(created.id)


def test_an_answer_has_what_the_server_adds(sandbox: Sandbox) -> None:
    answer = post(sandbox, dashboard(note(), title="Shop: Überblick & more", tags=["team:shop"])).json()
    added = {key: answer.pop(key) for key in ("id", "created_at", "modified_at")}
    widget_id = answer["widgets"][0].pop("id")
    assert answer == {
        "title": "Shop: Überblick & more",
        "description": None,
        "author_handle": "watchbill@example.com",
        "author_name": None,
        "layout_type": "ordered",
        "url": f"/dashboard/{added['id']}/shop-berblick--more",
        "is_read_only": False,
        "template_variables": None,
        "widgets": [note()],
        "notify_list": None,
        "restricted_roles": [],
        "tags": ["team:shop"],
    }
    assert [len(part) for part in added["id"].split("-")] == [3, 3, 3]
    assert isinstance(widget_id, int)


def test_a_list_shows_descriptions_but_neither_tags_nor_widgets(sandbox: Sandbox) -> None:
    for number in range(3):
        post(sandbox, dashboard(title=f"{number}", description=f"about {number}", tags=["team:shop"]))
    url = f"{sandbox.url}/datadog/api/v1/dashboard"
    page = httpx.get(url, params={"count": 2, "start": 1}, headers=KEYS).json()["dashboards"]
    assert [(one["title"], one["description"]) for one in page] == [("1", "about 1"), ("2", "about 2")]
    assert sorted(page[0]) == [
        "author_handle",
        "created_at",
        "deleted_at",
        "description",
        "id",
        "is_read_only",
        "layout_type",
        "modified_at",
        "title",
        "url",
    ]


def test_a_list_ends_at_a_hundred_unless_asked(sandbox: Sandbox) -> None:
    for number in range(101):
        post(sandbox, dashboard(title=f"{number}"))
    client = DashboardsApi(datadog_client(sandbox))
    assert len(client.list_dashboards().dashboards) == 100
    assert len(list(client.list_dashboards_with_pagination())) == 101


def test_a_refusal_comes_as_the_vendor_s(sandbox: Sandbox) -> None:
    answer = post(sandbox, dashboard(tags=["tm:shop"]))
    assert (answer.status_code, answer.json()) == (
        400,
        {"errors": ["Invalid tag format. Valid tag keys are: team."]},
    )
    assert httpx.get(f"{sandbox.url}/_sandbox/datadog/dashboards").json() == []


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"title": "Shop", "layout_type": "ordered"}, "'widgets' is a required property"),
        (dashboard(colour="red"), "Additional properties are not allowed ('colour' was unexpected)"),
        (dashboard(layout_type="grid"), "'grid' is not one of ['ordered', 'free']"),
        (
            dashboard(note(), note(colour="red")),
            "Invalid widget definition at position 1 of type note. Error:"
            " Additional properties are not allowed ('colour' was unexpected).",
        ),
        (
            dashboard(timeseries(requests=[])),
            "Invalid widget definition at position 0 of type timeseries. Error: [] should be non-empty.",
        ),
        (
            dashboard({"definition": {"type": "speedometer"}}),
            "Invalid widget definition at position 0 of type speedometer. Error:"
            " 'speedometer' is not a valid widget type.",
        ),
        (
            dashboard(
                {"definition": {"type": "group", "layout_type": "ordered", "widgets": [note(content=1)]}}
            ),
            "Invalid widget definition at position 0 of type group. Error: Invalid inner widget definition at"
            " position 0 of type note. Error: 1 is not of type 'string'.",
        ),
        (
            dashboard(note() | {"layout": {"x": 6, "y": 0, "width": 7, "height": 2}}, reflow_type="fixed"),
            "Invalid widget definition at position 0 of type note. Error:"
            " a widget must lie within 12 columns.",
        ),
        (
            dashboard(note(), reflow_type="fixed"),
            "Invalid widget at position 0. Error: 'layout' is a required property",
        ),
        (
            dashboard(note() | {"layout": {"x": 0, "y": 0, "width": 6, "height": 2}}, reflow_type="auto"),
            "Widgets in a dashboard with reflow_type 'auto' must not have a 'layout'",
        ),
        (
            dashboard(note(), layout_type="free"),
            "Invalid widget at position 0. Error: 'layout' is a required property",
        ),
        (
            dashboard({"definition": {"type": "group", "layout_type": "ordered", "widgets": [], "title_size": "16"}}),
            "Invalid widget definition at position 0 of type group. Error:"
            " Additional properties are not allowed ('title_size' was unexpected).",
        ),
        (
            dashboard(timeseries(custom_unit="$")),
            "Invalid widget definition at position 0 of type timeseries. Error:"
            " Additional properties are not allowed ('custom_unit' was unexpected).",
        ),
        (
            dashboard({"definition": {"type": "wildcard", "requests": [{}]}}),
            "Invalid widget definition at position 0 of type wildcard. Error:"
            " 'specification' is a required property.",
        ),
        (
            dashboard({"definition": {"type": "log_stream", "columns": [{"field": "host"}]}}),
            "Invalid widget definition at position 0 of type log_stream. Error:"
            " {'field': 'host'} is not of type 'string'.",
        ),
        (
            dashboard({"definition": {"type": "heatmap", "requests": [{}], "colour": "red"}}),
            "Invalid widget definition at position 0 of type heatmap. Error:"
            " Additional properties are not allowed ('colour' was unexpected).",
        ),
        (dashboard(tags=["team:a"] * 6), "Maximum number of elements in parameter 'tags' should be 5"),
        (
            dashboard(template_variables=[{"name": "host", "default": "a", "defaults": ["a"]}]),
            "'template_variables' value '{'name': 'host', 'default': 'a', 'defaults': ['a']}' is invalid",
        ),
    ],
)
def test_a_body_outside_of_the_rules_is_refused_with_its_place(body: Any, complaint: str) -> None:
    assert refusal(body) == complaint


def test_a_type_that_is_not_described_here_is_taken_unread() -> None:
    check(dashboard({"definition": {"type": "hostmap", "requests": {"fill": {"q": "avg:x{*}"}}}}))


def recorded() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((CASES / "datadog-recorded").glob("*.json")):
        for exchange in json.loads(path.read_text())["interactions"]:
            is_dashboard = (
                exchange["path"].startswith("/api/v1/dashboard") and "/lists/" not in exchange["path"]
            )
            if is_dashboard and exchange["method"] in ("POST", "PUT") and exchange["request_body"]:
                yield path.stem, exchange


def without_the_server_s(body: dict[str, Any]) -> dict[str, Any]:
    body["widgets"] = [{key: value for key, value in one.items() if key != "id"} for one in body["widgets"]]
    return {key: value for key, value in body.items() if key not in SERVER_ADDS}


@pytest.mark.cases
def test_recorded_dashboards_are_answered_as_the_vendor_did(sandbox: Sandbox) -> None:
    exchanges = list(recorded())
    if not exchanges:
        pytest.skip(f"no recorded dashboards in {CASES}")
    wrong = []
    for name, exchange in exchanges:
        answer = post(sandbox, exchange["request_body"])
        expected, got = exchange["response_body"], answer.json()
        if answer.status_code == 200 == exchange["status"]:
            expected, got = without_the_server_s(expected), without_the_server_s(got)
        if (exchange["status"], expected) != (answer.status_code, got):
            wrong.append((name, expected, got))
    assert wrong == [], f"{len(wrong)} of {len(exchanges)} recorded bodies are answered otherwise"


@pytest.mark.cases
def test_dashboards_of_public_projects_are_taken() -> None:
    paths = sorted((CASES / "dashboards" / "datadog").glob("*.json"))
    if not paths:
        pytest.skip(f"no dashboards in {CASES}")
    refused = {}
    for path in paths:
        try:
            check(json.loads(path.read_text()))
        except Refused as refusal:
            refused[path.name] = refusal.errors
    assert refused == {}
