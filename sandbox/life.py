"""What makes a sandbox worth watching: two weeks of history, then the story and this machine, live.

A running sandbox in; metrics in its CloudWatch and its Datadog, until it is stopped.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.agent import Agent
from sandbox.clients import cloudwatch_client, datadog_client
from sandbox.live import LiveStory
from sandbox.server import Sandbox
from sandbox.story import Story
from sandbox.ticker import Ticker

SEED = 7
ALARMS_S = 10  # CloudWatch judges an alarm every minute, or every ten seconds


class Life:
    """`story` may be told an incident at any time; `history` is the window that was published before."""

    def __init__(self, sandbox: Sandbox, *, seed: int = SEED, clock: Callable[[], float] = time.time) -> None:
        now = datetime.fromtimestamp(clock(), UTC)
        cloudwatch, datadog = cloudwatch_client(sandbox.url), datadog_client(sandbox.url)
        self.story = Story(seed, now)
        self.history = self.story.publish_history(sandbox.cloudwatch, sandbox.datadog, until=now)
        self.live = LiveStory(self.story, cloudwatch, datadog, since=self.history.end, clock=clock)
        self.agent = Agent(cloudwatch, datadog, clock=clock)
        self.alarms = Ticker("alarms", sandbox.judge_alarms, ALARMS_S)

    def start(self) -> None:
        self.live.start()
        self.agent.start()
        self.alarms.start()

    def stop(self) -> None:
        self.live.stop()
        self.agent.stop()
        self.alarms.stop()
