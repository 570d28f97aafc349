"""One process of a worker: it does what is due, notes what it sends, and may kill itself at any point on its way.

A point lies before each statement of the database, before each commit, and around each call of a vendor.
"""

import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import structlog
from botocore.config import Config
from slack_sdk import WebClient
from sqlalchemy import Engine, event

from sandbox import credentials
from tests.faults.deployment import Deployment
from watchbill.channels import email, slack, sns
from watchbill.model.alerts import Answer, Notification
from watchbill.model.failures import TransportError, WatchbillError

PATIENCE_S = 1.0  # how long a vendor's answer is waited for
FAILED = 3  # the exit code of a worker that failed as it should: with an error that says why
_SESSION = boto3.Session(credentials.AWS_ACCESS_KEY_ID, credentials.AWS_SECRET_ACCESS_KEY,
                         region_name=credentials.AWS_REGION)
_CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=PATIENCE_S, read_timeout=PATIENCE_S)
for _service in ("sesv2", "sns"):
    _SESSION.client(_service)  # what is loaded here, every process finds loaded


Point = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    deployment: Deployment
    now: datetime
    journal: Path  # lines of `pid word notification`
    holder: str = "worker-0"
    dies_at: int | None = None  # the point
    points: Path | None = None  # where to write which were passed


def work(job: Job) -> None:
    """What a process of its own does, from its first to its last line."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    life = _Life(job.dies_at)
    for moment, listener in life.listeners().items():
        event.listen(Engine, moment, listener)
    try:
        run(job, life.point)
    except WatchbillError:
        os._exit(FAILED)
    if job.points:
        job.points.write_text("\n".join(life.passed))


def run(job: Job, point: Point = lambda name: None) -> None:
    """The same within the process that asks."""
    job.deployment.work(_sending(job, point), job.now, job.holder)


class _Life:
    def __init__(self, last: int | None) -> None:
        self.passed, self._last = list[str](), last

    def point(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def listeners(self) -> dict[str, Callable[..., None]]:
        """SQLAlchemy looks at how many arguments they take."""
        def before(_c: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
            self.point(statement.partition(" ")[0])

        return {"before_cursor_execute": before, "commit": lambda _c: self.point("COMMIT")}


def _sending(job: Job, point: Point) -> Callable[[Notification], Answer]:
    """Sends by the vendors' own clients, and notes before and after what it does."""
    clients = {
        "slack": WebClient(credentials.SLACK_BOT_TOKEN, base_url=f"{job.deployment.sandbox}/slack/api/",
                           timeout=int(PATIENCE_S), retry_handlers=[]),
        **{kind: _SESSION.client(name, endpoint_url=job.deployment.aws, config=_CONFIG)
           for kind, name in (("email", "sesv2"), ("sns", "sns"))},
    }

    def note(word: str, notification: Notification) -> None:
        with job.journal.open("a") as journal:
            journal.write(f"{os.getpid()} {word} {notification.id}\n")

    def send(notification: Notification) -> Answer:
        client = clients[notification.channel.kind]
        note("sending", notification)
        point("send")
        try:
            if notification.channel.kind == "email":
                answer = email.send(notification, client, sender=credentials.SES_SENDER)
            else:
                answer = {"slack": slack, "sns": sns}[notification.channel.kind].send(notification, client)
        except TransportError as error:
            note("ambiguous" if error.ambiguous else "refused", notification)
            raise
        point("taken")
        note("taken", notification)
        return answer

    return send
