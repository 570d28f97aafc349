"""`/_sandbox`: what the clouds were told, for a person or a test to read, and faults to order, as JSON."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.faults import Fault
from sandbox.permissions import AWS_SERVICES, action

if TYPE_CHECKING:
    from sandbox.server import Sandbox


def create_app(sandbox: "Sandbox") -> Starlette:
    """GET health, calls, slack/…, mail, sns, datadog/dashboards and others; POST, DELETE faults; POST reset."""

    def calls(_: Request) -> Response:
        return JSONResponse(_nested(sandbox.faults.calls))

    async def add_fault(request: Request) -> Response:
        body = await request.json()
        unknown = set(body) - {field.name for field in fields(Fault)}
        if unknown or "service" not in body:
            return JSONResponse({"error": f"a fault has a service; unknown: {sorted(unknown)}"}, 400)
        sandbox.faults.add(Fault(**body))
        return Response(status_code=204)

    def clear_faults(_: Request) -> Response:
        sandbox.faults.clear()
        return Response(status_code=204)

    def reset(_: Request) -> Response:
        sandbox.reset()
        return Response(status_code=204)

    def picture(request: Request) -> Response:
        file = sandbox.slack.files.get(request.path_params["file"])
        if file is None or file.content is None:
            return Response(status_code=404)
        return Response(file.content, media_type="image/png" if file.is_image else "application/octet-stream")

    def read(path: str, found: Any) -> Route:
        return Route(path, lambda _: JSONResponse(found()), methods=["GET"])

    return Starlette(
        routes=[
            read("/health", lambda: {"status": "ok"}),
            Route("/calls", calls, methods=["GET"]),
            read("/slack/messages", lambda: [message.to_json() for message in sandbox.slack.messages]),
            read("/slack/files", lambda: [file.to_json() for file in sandbox.slack.files.values()]),
            Route("/slack/files/{file}", picture, methods=["GET"]),
            read("/mail", sandbox.aws.mail.all),
            read("/sns", sandbox.aws.topics.all),
            read("/datadog/dashboards", lambda: list(sandbox.datadog.dashboards.values())),
            Route("/faults", add_fault, methods=["POST"]),
            Route("/faults", clear_faults, methods=["DELETE"]),
            Route("/reset", reset, methods=["POST"]),
        ]
    )


def _nested(calls: dict[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (service, operation), count in sorted(calls.items()):
        found.setdefault(service, {})[operation] = count
    return found | ({"iam": _by_action(calls)} if _by_action(calls) else {})


def _by_action(calls: dict[tuple[str, str], int]) -> dict[str, int]:
    """AWS's calls once more, by the IAM action that each needs."""
    found: dict[str, int] = {}
    for (service, operation), count in sorted(calls.items()):
        if service in AWS_SERVICES:
            found[action(service, operation)] = found.get(action(service, operation), 0) + count
    return found
