"""What an examination found: one line for each permission, and how it came to be known."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from watchbill.model.failures import WatchbillError
from watchbill.model.permissions import Part

Status = Literal["ok", "missing", "untried"]
"""`untried`: it would have to be done to be known, and is not."""


@dataclass(frozen=True)
class Check:
    """One permission, or whatever else has to be there."""

    part: Part
    connection: str
    target: str  # what it is needed for: a region, role, channel, sender, topic, bucket
    permission: str  # an IAM action, a scope, or what is asked about
    status: Status
    said: str = ""  # what is wrong and what to do, or why it was not tried

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Outcome:
    """Of one attempt."""

    status: Status
    said: str = ""


@dataclass(frozen=True)
class Subject:
    """Whom an examination is about: its checks differ in permission and outcome only."""

    part: Part
    connection: str
    target: str

    def __str__(self) -> str:
        return f"{self.part}: {self.connection}, {self.target}"

    def check(self, permission: str, outcome: Outcome) -> Check:
        return Check(self.part, self.connection, self.target, permission, outcome.status, outcome.said)

    def untried(self, permission: str, why: str) -> Check:
        return self.check(permission, Outcome("untried", why))


@dataclass(frozen=True)
class Examination:
    """Checks that share a client. `run` asks the vendor."""

    subject: Subject
    run: Callable[[], Iterable[Check]]

    def checks(self) -> Iterator[Check]:
        """Never raises: whatever breaks is a finding, and the other examinations go on."""
        try:
            yield from self.run()
        except WatchbillError as error:
            yield self.subject.check("connection", Outcome("missing", str(error)))
        except Exception as error:  # noqa: BLE001 - an SDK may raise anything, and that is what is wrong
            # Only the kind: a client quotes the header that it cannot send, and that header is a token.
            yield self.subject.check("connection", Outcome("missing", f"{type(error).__name__} on the way: check the "
                                                           "connection's keys, its host and the network"))
