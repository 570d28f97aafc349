"""STS, answered here: roles that lend keys, and whom a key stands for. moto checks neither, and forgets accounts.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from uuid import uuid4

from sandbox.aws.gate import Answer, Call, error, escaped
from sandbox.identities import Identities, Identity, Lent

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
DURATION_S, SHORTEST_S, LONGEST_S = 3_600, 900, 43_200


class Roles:
    """Listens to AssumeRole and GetCallerIdentity; the rest of STS is moto's."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self._answers: dict[str, Callable[[Call, Identity], Answer]] = {
            "AssumeRole": self._assume_role,
            "GetCallerIdentity": _caller_identity,
        }

    def before(self, call: Call) -> Answer | None:
        if call.service != "sts" or call.operation not in self._answers or call.caller is None:
            return None
        return self._answers[call.operation](call, call.caller)

    def after(self, call: Call, answer: Answer) -> None:
        pass

    def _assume_role(self, call: Call, caller: Identity) -> Answer:
        arn, session = call.form.get("RoleArn", ""), call.form.get("RoleSessionName", "")
        duration_s = int(call.form.get("DurationSeconds", DURATION_S))
        if not SHORTEST_S <= duration_s <= LONGEST_S:
            bound = f"greater than or equal to {SHORTEST_S}"
            if duration_s > LONGEST_S:
                bound = f"less than or equal to {LONGEST_S}"
            return error(400, "ValidationError",
                         f"1 validation error detected: Value '{duration_s}' at 'durationSeconds' failed to satisfy "
                         f"constraint: Member must have value {bound}", "sts")
        lent = self._identities.assume(arn, session, call.form.get("ExternalId"), duration_s)
        if lent is None:
            said = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
            return error(403, "AccessDenied", said, "sts")
        return _answer("AssumeRole", _lent(lent))


def _caller_identity(_: Call, caller: Identity) -> Answer:
    return _answer("GetCallerIdentity", _members({
        "Arn": caller.arn, "UserId": caller.user_id, "Account": caller.account,
    }))  # fmt: skip


def _lent(lent: Lent) -> str:
    expires = datetime.fromtimestamp(lent.expires_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    user = _members({"AssumedRoleId": lent.identity.user_id, "Arn": lent.identity.arn})
    keys = _members({"AccessKeyId": lent.key, "SecretAccessKey": lent.secret, "SessionToken": lent.token,
                     "Expiration": expires})  # fmt: skip
    return f"<AssumedRoleUser>{user}</AssumedRoleUser><Credentials>{keys}</Credentials>"


def _members(values: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escaped(value)}</{name}>" for name, value in values.items())


def _answer(operation: str, result: str) -> Answer:
    body = (f'<{operation}Response xmlns="{NAMESPACE}"><{operation}Result>{result}</{operation}Result>'
            f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata></{operation}Response>")
    return Answer("200 OK", [("Content-Type", "text/xml")], body.encode())
