"""Who calls AWS: an access key goes in, the account and the principal behind it come out.

Temporary keys are lent by STS for a role, and end. No secret and no signature is checked.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.credentials import AWS_KEYS, ROLES, Role

NAME = "watchbill"


class UnknownKeyError(Exception):
    """A key that lets nobody in: `code` and message as AWS words them."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Identity:
    account: str
    arn: str
    user_id: str

    @classmethod
    def of_user(cls, account: str) -> "Identity":
        return cls(account, f"arn:aws:iam::{account}:user/{NAME}", f"AIDASANDBOX{account}")

    @classmethod
    def of_session(cls, role: Role, session: str) -> "Identity":
        name = role.arn.rpartition("/")[2]
        arn = f"arn:aws:sts::{role.account}:assumed-role/{name}/{session}"
        return cls(role.account, arn, f"AROASANDBOX{role.account}:{session}")


@dataclass(frozen=True)
class Lent:
    """Temporary credentials."""

    key: str
    secret: str
    token: str
    expires_s: float  # epoch seconds
    identity: Identity


class Identities:
    """Keys and whom they stand for. Safe to use from any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lent: dict[str, Lent] = {}
        self._lock = threading.Lock()

    def reset(self) -> None:
        """Forget every temporary key."""
        with self._lock:
            self._lent.clear()

    def of(self, key: str, token: str | None) -> Identity:
        """Raises UnknownKeyError for a key of nobody, a temporary one without its session token, and an ended one."""
        if key in AWS_KEYS:
            return Identity.of_user(AWS_KEYS[key])
        with self._lock:
            lent = self._lent.get(key)
        if lent is None or lent.token != token:
            raise UnknownKeyError("InvalidClientTokenId", "The security token included in the request is invalid.")
        if self._clock() >= lent.expires_s:
            raise UnknownKeyError("ExpiredToken", "The security token included in the request is expired")
        return lent.identity

    def assume(self, role_arn: str, session: str, external_id: str | None, duration_s: int) -> Lent | None:
        """Temporary keys of a role; None where there is no such role, or it wants another external id."""
        role = ROLES.get(role_arn)
        if role is None or role.external_id not in (None, external_id):
            return None
        lent = Lent(f"ASIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30), secrets.token_urlsafe(200),
                    self._clock() + duration_s, Identity.of_session(role, session))
        with self._lock:
            self._lent[lent.key] = lent
        return lent
