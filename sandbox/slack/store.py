"""The workspace: its channels and the messages in them. Filled by the methods, read by the control pages."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.credentials import SLACK_CHANNELS


@dataclass
class Message:
    channel: str  # id
    ts: str  # Slack's name for a message: seconds with six places, unique in a channel
    text: str
    blocks: list[Any]
    attachments: list[Any]
    thread_ts: str | None = None
    edited: bool = False

    def to_json(self) -> dict[str, Any]:
        keys = ("channel", "ts", "text", "blocks", "thread_ts", "edited")
        shown = {key: getattr(self, key) for key in keys}
        return shown | ({"attachments": self.attachments} if self.attachments else {})


@dataclass
class Store:
    """`per_second` and `burst` bound the messages a channel takes: about one a second, with short bursts.

    https://docs.slack.dev/apis/web-api/rate-limits/
    """

    clock: Callable[[], float]
    per_second: float = 1.0
    burst: int = 5
    messages: list[Message] = field(default_factory=list)
    _spent: dict[str, tuple[float, float]] = field(default_factory=dict)  # channel -> tokens left, when
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        with self._lock:
            self.messages.clear()
            self._spent.clear()
            self.per_second, self.burst = 1.0, 5

    def channel(self, name: str) -> str | None:
        """The id of a channel given by `#name`, `name` or id."""
        if name in SLACK_CHANNELS.values():
            return name
        return SLACK_CHANNELS.get(name.removeprefix("#"))

    def wait_s(self, channel: str) -> float:
        """Spend one message of the channel's rate: 0, or the seconds until it takes one more."""
        with self._lock:
            now = self.clock()
            left, then = self._spent.get(channel, (float(self.burst), now))
            left = min(self.burst, left + max(now - then, 0) * self.per_second)
            if left < 1:
                self._spent[channel] = (left, now)
                return (1 - left) / self.per_second
            self._spent[channel] = (left - 1, now)
            return 0

    def add(self, message: Message) -> Message:
        with self._lock:
            message.ts = self._next_ts()
            self.messages.append(message)
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        return next((one for one in self.messages if (one.channel, one.ts) == (channel, ts)), None)

    def _next_ts(self) -> str:
        micros = int(self.clock() * 1_000_000)
        if self.messages:
            seconds, places = self.messages[-1].ts.split(".")
            micros = max(micros, int(seconds + places) + 1)
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"
