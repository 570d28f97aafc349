"""Dashboards of an account, the same in every region: kept by name, as the text that was put."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from sandbox.cloudwatch.dashboard_body import validate
from sandbox.cloudwatch.errors import Refused, invalid
from sandbox.cloudwatch.findings import Finding
from sandbox.cloudwatch.pages import place, token
from sandbox.cloudwatch.store import Dashboard, Store

PAGE, MOST_DELETED, MOST_TAGS = 1_000, 100, 50
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


def put_dashboard(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Errors refuse it; a body with warnings alone is kept all the same."""
    name, body = request["DashboardName"], request["DashboardBody"]
    _check_name(name)
    findings = validate(body)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise _refused(errors, findings)
    held = store.dashboards.get(name)
    # Of a new one only: on an update they are ignored without a word, as at the vendor.
    tags = held.tags if held else {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}
    store.dashboards[name] = Dashboard(name, body, now, store.account, tags)
    return {"DashboardValidationMessages": _written(findings)}


def get_dashboard(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:  # noqa: ARG001
    found = store.dashboards.get(request["DashboardName"])
    if found is None:
        raise _missing(request["DashboardName"])
    return {"DashboardArn": found.arn, "DashboardBody": found.body, "DashboardName": found.name}


def list_dashboards(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:  # noqa: ARG001
    after = place(request, invalid("The value of parameter NextToken is invalid."))
    prefix = request.get("DashboardNamePrefix", "")
    names = [name for name in sorted(store.dashboards) if name.startswith(prefix) and name > (after or "")]
    answer: dict[str, Any] = {"DashboardEntries": [_entry(store.dashboards[name]) for name in names[:PAGE]]}
    if len(names) > PAGE:
        answer["NextToken"] = token(request, names[PAGE - 1])
    return answer


def delete_dashboards(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:  # noqa: ARG001
    """Deletes what there is, and then says which was missing."""
    names = request["DashboardNames"]
    if not 0 < len(names) <= MOST_DELETED:
        raise invalid(f"The collection DashboardNames must have a size between 1 and {MOST_DELETED}.")
    missing = [name for name in names if store.dashboards.pop(name, None) is None]
    if missing:
        raise _missing(*missing)
    return {}


def tag_resource(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:  # noqa: ARG001
    """Adds tags, and replaces those with the same keys; the dashboard's own time stays."""
    held = _of_arn(store, request["ResourceARN"])
    tags = {**held.tags, **{tag["Key"]: tag["Value"] for tag in request["Tags"]}}
    if len(tags) > MOST_TAGS:
        raise invalid(f"A resource can have at most {MOST_TAGS} tags.")
    store.dashboards[held.name] = replace(held, tags=tags)
    return {}


def list_tags_for_resource(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:  # noqa: ARG001
    held = _of_arn(store, request["ResourceARN"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in held.tags.items()]}


def is_dashboard(arn: str) -> bool:
    return ":dashboard/" in arn


def _of_arn(store: Store, arn: str) -> Dashboard:
    found = next((each for each in store.dashboards.values() if each.arn == arn), None)
    if found is None:
        raise Refused("ResourceNotFoundException", f"Unknown resource {arn}", 404)
    return found


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Refused("InvalidParameterInput",
                      "The value for field DashboardName contains invalid characters. It can only contain "
                      "alphanumerics, dash (-) and underscore (_), 1 to 255 of them.")


def _missing(*names: str) -> Refused:
    return Refused("ResourceNotFound", f"Dashboard {', '.join(names)} does not exist", 404)


def _refused(errors: list[Finding], findings: list[Finding]) -> Refused:
    told = [{"dataPath": finding.path, "message": finding.message} for finding in errors]
    text = orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()
    return Refused("InvalidParameterInput",
                   f"The dashboard body is invalid, there are {len(errors)} validation errors:\n{text}",
                   dashboardValidationMessages=_written(findings))


def _written(findings: list[Finding]) -> list[dict[str, str]]:
    return [{"DataPath": finding.path, "Message": finding.message} for finding in findings]


def _entry(dashboard: Dashboard) -> dict[str, Any]:
    return {"DashboardName": dashboard.name, "DashboardArn": dashboard.arn,
            "LastModified": dashboard.modified_at, "Size": len(dashboard.body.encode())}
