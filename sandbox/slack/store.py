"""The workspace: its channels, the messages in them, its files. Filled by the methods, read by the control pages."""

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
    broadcast: bool = False  # a reply that the channel sees too
    before: list[dict[str, Any]] = field(default_factory=list)  # {text, blocks} before each edit, oldest first

    @property
    def posted(self) -> str:
        """The text as it was before anybody edited it: what people were told of at that time."""
        return str(self.before[0]["text"]) if self.before else self.text

    def to_json(self) -> dict[str, Any]:
        keys = ("channel", "ts", "text", "blocks", "thread_ts", "edited")
        shown = {key: getattr(self, key) for key in keys}
        return shown | {key: value for key in ("attachments", "broadcast", "before") if (value := getattr(self, key))}


@dataclass
class File:
    """Of three steps: a place is asked for, bytes arrive, the upload is completed. Then Slack looks at it a while."""

    id: str
    name: str
    length: int  # as announced
    content: bytes | None = None
    title: str = ""
    completed_at: float | None = None

    @property
    def is_image(self) -> bool:
        return (self.content or b"").startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"))

    def to_json(self) -> dict[str, Any]:
        keys = ("id", "name", "title", "length")
        return {key: getattr(self, key) for key in keys} | {"completed": self.completed_at is not None}


@dataclass
class Store:
    """`per_second` and `burst` bound the messages a channel takes: about one a second, with short bursts.

    https://docs.slack.dev/apis/web-api/rate-limits/
    """

    clock: Callable[[], float]
    per_second: float = 1.0
    burst: int = 5
    processing_s: float = 0.1  # from the end of an upload until a block may show the file
    messages: list[Message] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)  # channels by name: still there, and closed
    deleted: set[str] = field(default_factory=set)  # channels by name: gone
    _spent: dict[str, tuple[float, float]] = field(default_factory=dict)  # channel -> tokens left, when
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        with self._lock:
            for each in (self.messages, self.files, self.archived, self.deleted, self._spent):
                each.clear()
            self.per_second, self.burst, self.processing_s = 1.0, 5, 0.1

    def channel(self, name: str) -> str | None:
        """The id of a channel given by `#name`, `name` or id."""
        there = {short: number for short, number in SLACK_CHANNELS.items() if short not in self.deleted}
        return name if name in there.values() else there.get(name.removeprefix("#"))

    def is_archived(self, channel: str) -> bool:
        return channel in {SLACK_CHANNELS[name] for name in self.archived}

    def remove(self, ts: str) -> None:
        """As a person deletes a message."""
        with self._lock:
            self.messages[:] = [one for one in self.messages if one.ts != ts]

    def expect(self, name: str, length: int) -> File:
        with self._lock:
            file = File(f"F0SANDBOX{len(self.files) + 1:03}", name, length)
            self.files[file.id] = file
        return file

    def shows(self, file_id: str) -> bool:
        """Whether a block may show this file by now."""
        file = self.files.get(file_id)
        return (file is not None and file.is_image and file.completed_at is not None
                and self.clock() >= file.completed_at + self.processing_s)

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
