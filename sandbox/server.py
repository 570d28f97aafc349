"""The sandbox as one server: every cloud that Watchbill speaks with, in threads of this process.

/cloudwatch  /resourcegroupstaggingapi  /datadog  /slack/api/  /_sandbox      on one port, by uvicorn
SNS, SES, S3, STS                                                             on another, by moto
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import control
from sandbox.aws.server import Aws
from sandbox.cloudwatch import alarm_actions, alarms
from sandbox.cloudwatch.accounts import Accounts
from sandbox.cloudwatch.app import create_app as cloudwatch_app
from sandbox.cloudwatch.store import Store as CloudWatchStore
from sandbox.credentials import AWS_ACCOUNT, AWS_REGION, DATADOG, DATADOG_KEYS
from sandbox.datadog.app import create_app as datadog_app
from sandbox.datadog.store import Store as DatadogStore
from sandbox.faults import CUT, Faults
from sandbox.identities import Identities
from sandbox.permissions import Permissions
from sandbox.slack.app import create_app as slack_app
from sandbox.slack.store import Store as SlackStore
from sandbox.tagging.app import create_app as tagging_app
from sandbox.tagging.store import Store as TaggingStore


class Sandbox:
    """A small cloud on `host`. Port 0 takes a free one; `clock` gives epoch seconds to all but moto.

    Endpoints: `.url` + /cloudwatch, /resourcegroupstaggingapi, /datadog, /slack/api/; `.aws_url` for SNS, SES, S3, STS.
    """

    def __init__(
        self,
        port: int = 0,
        aws_port: int = 0,
        clock: Callable[[], float] = time.time,
        host: str = "127.0.0.1",
    ) -> None:
        self._clock = clock
        self.faults = Faults()
        self.identities = Identities(clock)
        self.permissions = Permissions()
        self.accounts = Accounts()
        self._datadog = {organisation: DatadogStore(clock) for organisation in DATADOG_KEYS}
        self.datadog = self._datadog[DATADOG]
        self.slack = SlackStore(clock)
        self.cloudwatch = self.accounts.of()
        self.tagging = TaggingStore()
        self.aws = Aws(host, aws_port, self.identities, self.permissions, self.faults, clock)
        self._socket = socket.create_server((host, port))
        # asyncio sets it on sockets that it makes itself only; without it each answer waits 40 ms for an ACK.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.aws_url = self.aws.url
        routes = [
            Mount("/cloudwatch", cloudwatch_app(self.accounts, self.identities, self.permissions, self.faults, clock)),
            Mount(
                "/resourcegroupstaggingapi",
                tagging_app(self.tagging, self.identities, self.permissions, self.faults, clock),
            ),
            Mount("/datadog", datadog_app(self._datadog, self.permissions, self.faults, clock)),
            Mount("/slack", slack_app(self.slack, self.permissions, self.faults)),
            Mount("/_sandbox", control.create_app(self)),
        ]
        config = uvicorn.Config(
            _Connections(Starlette(routes=routes)), log_level="warning", access_log=False, lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def cloudwatch_of(self, account: str, region: str = AWS_REGION) -> CloudWatchStore:
        """What an account holds in a region; `cloudwatch` is the default account's in its own."""
        return self.accounts.of(account, region)

    def datadog_of(self, organisation: str) -> DatadogStore:
        """What an organisation of credentials.DATADOG_KEYS holds; `datadog` is the first one's."""
        return self._datadog[organisation]

    def link(self, *sources: str, monitoring: str = AWS_ACCOUNT) -> None:
        """These accounts, and no others, share their metrics with the monitoring account."""
        self.accounts.link(*sources, monitoring=monitoring)

    def allow(
        self,
        aws: Collection[str] | None,
        *,
        datadog: Collection[str] | None = None,
        slack: Collection[str] | None = None,
    ) -> None:
        """Allow nothing else: IAM actions (cloudwatch:GetMetricData), scopes of the application key, of the bot.

        None allows all that the vendor has.
        """
        self.permissions.allow(aws, datadog, slack)

    def judge_alarms(self) -> None:
        """Moves every alarm to the state that it is in by now, and publishes its actions to SNS."""
        for store in self.accounts.every():
            alarms.evaluate(store, self._clock())
            for alarm in list(store.alarms.values()):
                for note in alarm_actions.take_notes(alarm, store.account, store.region):
                    self.aws.topics.add(note)

    def start(self) -> None:
        self.aws.start()
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self.aws.stop()

    def reset(self) -> None:
        """Empty everything: metrics, dashboards, messages, mail, faults and counts."""
        self.faults.reset()
        self.identities.reset()
        self.allow(None)
        self.accounts.reset()
        self.tagging.reset()
        for organisation in self._datadog.values():
            organisation.reset()
        self.slack.reset()
        self.aws.reset()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


class _Connections:
    """Hands each request the way to drop its connection, which ASGI itself does not give."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[CUT] = send.__self__.transport.close  # type: ignore[attr-defined]  # of uvicorn's cycle
            if scope["path"] in ("/cloudwatch", "/resourcegroupstaggingapi"):
                scope["path"] += "/"  # botocore adds no slash, and follows no redirect
        await self._app(scope, receive, send)
