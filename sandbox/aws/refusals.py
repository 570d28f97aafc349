"""How each service behind the gate says that something is not allowed: its code, its sentence, its protocol."""

import json

from sandbox.aws.gate import Answer, Call, error
from sandbox.credentials import AWS_REGION
from sandbox.identities import Identity
from sandbox.permissions import action, denied


def access_denied(call: Call, caller: Identity) -> Answer:
    name = action(call.service, call.operation)
    if call.service == "sns":  # alone with this code
        said = denied(caller.arn, name.replace("sns:", "SNS:"), call.form.get("TopicArn"))
        return error(403, "AuthorizationError", said, "sns")
    if call.service == "ses":
        identity = f"arn:aws:ses:{AWS_REGION}:{caller.account}:identity/{_sender(call)}"
        said = f"User `{caller.arn}' is not authorized to perform `{name}' on resource `{identity}'"
        return error(403, "AccessDenied", said, "ses") if call.form else _json(403, "AccessDeniedException", said)
    if call.service == "s3":
        return error(403, "AccessDenied", denied(caller.arn, name, f'"arn:aws:s3:::{call.path.strip("/")}"'), "s3")
    return error(403, "AccessDenied", denied(caller.arn, name, call.form.get("RoleArn")), call.service)


def _sender(call: Call) -> str:
    if call.form:
        return call.form.get("Source", "*")
    try:
        sender = json.loads(call.body)["FromEmailAddress"]
    except (ValueError, TypeError, KeyError):
        return "*"
    return str(sender)


def _json(status: int, code: str, message: str) -> Answer:
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", code)]
    return Answer(f"{status} {code}", headers, json.dumps({"message": message}).encode())
