"""Recorded requests to Datadog and dashboards of public projects: what the real API took passes our check, what it
refused is refused before the call, for its reason; and our reading of the schema beside the vendor's published one.
"""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from datadog_api_client.model_utils import ModelNormal, OpenApiModel
from jsonschema import Draft4Validator

from sandbox.cloudwatch import dashboard_body
from sandbox.datadog import dashboard_rules
from sandbox.datadog.refused import Refused
from tests.cases.replay import FOLDER
from watchbill.dashboards.validate import check_body, datadog_client
from watchbill.dashboards.validate.shapes import Problem

pytestmark = pytest.mark.cases
DATA = FOLDER / "data"
SCHEMA = DATA / "datadog-v1-dashboards.openapi.json"
CHANGES = 12
"""Of each recorded body, one at a time."""


def recorded() -> list[Any]:
    """Every request that carries a dashboard, with its answer."""
    found = []
    for path in sorted((DATA / "datadog-recorded").glob("*.json")):
        for at, exchange in enumerate(json.loads(path.read_text())["interactions"]):
            of_a_dashboard = exchange["path"].startswith("/api/v1/dashboard") and "/lists" not in exchange["path"]
            if of_a_dashboard and exchange["method"] in ("POST", "PUT") and exchange["request_body"]:
                found.append(pytest.param(exchange, id=f"{path.stem}-{at}"))
    return found


def real(vendor: str) -> list[Any]:
    return [pytest.param(path, id=path.stem) for path in sorted((DATA / "dashboards" / vendor).glob("*.json"))]


RECORDED = recorded()
no_recordings = pytest.mark.skipif(not RECORDED, reason=f"no recorded dashboards in {DATA}")


def errors(problems: list[Problem]) -> list[Problem]:
    return [each for each in problems if each.severity == "error"]


@no_recordings
@pytest.mark.parametrize("exchange", RECORDED)
def test_what_the_api_took_passes_and_what_it_refused_is_refused_with_its_reason(exchange: dict[str, Any]) -> None:
    found = errors(check_body("datadog", exchange["request_body"]))
    if exchange["status"] < 400:
        assert found == []
    else:
        told = [each.problem for each in found]
        for reason in exchange["response_body"]["errors"]:
            assert any(is_said(reason, problem) for problem in told), (reason, told)


def is_said(reason: str, problem: str) -> bool:
    """The API's words; of a widget what comes after its position, which our path tells, is JSON schema's."""
    return reason in problem or problem in reason or (reason.startswith("Invalid widget") and bool(problem)) \
        or reason.removesuffix(" is invalid") in problem


@pytest.mark.skipif(not real("cloudwatch"), reason=f"no dashboards in {DATA}")
@pytest.mark.parametrize("path", real("cloudwatch"))
def test_a_public_projects_cloudwatch_dashboard_passes(path: Path) -> None:
    assert errors(check_body("cloudwatch", json.loads(path.read_text()))) == []


@pytest.mark.skipif(not real("datadog"), reason=f"no dashboards in {DATA}")
@pytest.mark.parametrize("path", real("datadog"))
def test_a_public_projects_datadog_dashboard_passes_but_for_what_only_datadogs_editor_writes(path: Path) -> None:
    """Exports hold keys, types and words that the published API does not know."""
    found = errors(check_body("datadog", json.loads(path.read_text())))
    assert [each for each in found if each.problem != "unknown key" and "is not allowed" not in each.problem] == []


@no_recordings
@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"{SCHEMA} is not there")
def test_our_reading_of_the_schema_and_the_published_one_agree() -> None:
    """A body is changed in one place at a time. We may refuse more: unknown keys, and what the API refuses besides."""
    theirs = published()
    lenient = [(name, change) for name, body in accepted() for change, changed in changes(body)
               if not errors(check_body("datadog", changed)) and not theirs.is_valid(changed)]
    assert lenient == []


@no_recordings
@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"{SCHEMA} is not there")
def test_what_we_refuse_more_than_the_published_schema_is_unknown_keys_and_the_rules_it_lacks() -> None:
    theirs, strict = published(), []
    for name, body in accepted():
        for change, changed in changes(body):
            found = errors(check_body("datadog", changed))
            if found and theirs.is_valid(changed):
                strict += [(name, change, str(each)) for each in found if not is_more(each)]
    assert strict == []


def test_the_sandbox_and_our_check_know_the_same_of_cloudwatch() -> None:
    """Each was written for itself: a mistake in one is seen by the other."""
    other = [(path.id, change) for path in real("cloudwatch")
             for change, changed in changes(json.loads(path.values[0].read_text()))  # type: ignore[union-attr]
             if bool(errors(check_body("cloudwatch", changed))) != refused_by_cloudwatch(changed)]
    assert other == []


def test_the_sandbox_refuses_nothing_of_datadog_that_our_check_lets_through() -> None:
    """It reads the rarer widgets less deeply."""
    bodies = [(str(path.id), json.loads(path.values[0].read_text())) for path in real("datadog")]  # type: ignore[union-attr]
    other = [(name, change) for name, body in [*bodies, *accepted()] for change, changed in changes(body)
             if not errors(check_body("datadog", changed)) and refused_by_datadog(changed)]
    assert other == []


def refused_by_cloudwatch(body: Any) -> bool:
    return any(each.severity == "error" for each in dashboard_body.validate(json.dumps(body)))


def refused_by_datadog(body: Any) -> bool:
    try:
        dashboard_rules.check(body)
    except Refused:
        return True
    return False


MORE = ("unknown key", "reach past column", "no query is called", "is called", "needs a place", "stands beside",
        "is for layout_type", "Invalid tag", "Minimum")


def is_more(problem: Problem) -> bool:
    return any(words in problem.problem for words in MORE)


@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"{SCHEMA} is not there")
def test_the_client_needs_and_allows_what_the_published_schema_does() -> None:
    """Of every class that a dashboard can be made of; the published schema may be a little older or newer."""
    schemas = json.loads(SCHEMA.read_text())["components"]["schemas"]
    other = []
    for model in models(import_module("datadog_api_client.v1.model.dashboard").Dashboard):
        theirs = schemas.get(model.__name__)
        if theirs is None or not issubclass(model, ModelNormal) or "properties" not in theirs:
            continue
        if datadog_client.required(model) != set(theirs.get("required", [])):
            other.append((model.__name__, datadog_client.required(model), theirs.get("required")))
        unlike = set(model.attribute_map.values()) ^ set(theirs["properties"])
        if unlike - NEWER:
            other.append((model.__name__, unlike))
    assert other == []


NEWER = {"experience_type"}
"""Of the dashboard itself: the published definition does not name it yet."""


def models(model: Any, seen: set[Any] | None = None) -> set[Any]:
    seen = set() if seen is None else seen
    if isinstance(model, list | tuple):
        for each in model:
            models(each, seen)
    elif isinstance(model, dict):
        models(list(model.values()), seen)
    elif isinstance(model, type) and issubclass(model, OpenApiModel) and id(model) not in map(id, seen):
        seen.add(model)
        models([*model.openapi_types.values()] if issubclass(model, ModelNormal) else [], seen)
        models(list(model._composed_schemas.get("oneOf", [])), seen)
    return seen


def accepted() -> Iterator[tuple[str, Any]]:
    for each in RECORDED:
        exchange = each.values[0]
        if exchange["status"] < 400:  # type: ignore[index, call-overload]
            yield str(each.id), exchange["request_body"]  # type: ignore[index, call-overload]


def published() -> Draft4Validator:
    """OpenAPI 3.0 is JSON schema but for `nullable`."""
    document = json.loads(SCHEMA.read_text())
    return Draft4Validator(with_null(document) | {"$ref": "#/components/schemas/Dashboard"})


def with_null(schema: Any) -> Any:
    if isinstance(schema, list):
        return [with_null(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: with_null(value) for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


def changes(body: Any) -> Iterator[tuple[str, Any]]:
    """The same ones every time."""
    chance = random.Random(json.dumps(body, sort_keys=True))
    places = list(inside(body, ()))
    for path in chance.sample(places, min(CHANGES, len(places))):
        how = chance.choice(["gone", "a number", "text", "a list", "an object", "null"])
        changed = deepcopy(body)
        held = changed
        for part in path[:-1]:
            held = held[part]
        if how == "gone":
            del held[path[-1]]
        else:
            held[path[-1]] = {"a number": 7, "text": "¿", "a list": [[]], "an object": {"¿": 1}, "null": None}[how]
        yield f"{'.'.join(map(str, path))}: {how}", changed


def inside(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, each in parts:
        yield (*path, part)
        yield from inside(each, (*path, part))
