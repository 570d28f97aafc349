"""A cloud in memory that refuses what clouds refuse, and keeps count of what it is asked."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from watchbill.dashboards.compare import normalise
from watchbill.dashboards.live.cloud import Body, Held, Listed
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import Changed, DashboardError

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


class FakeCloud:
    """`held`: by ref, with the mark of each. `tells_versions` off: only the list tells them, as CloudWatch's."""

    def __init__(self, *, tells_versions: bool = True) -> None:
        self.held: dict[str, Held] = {}
        self.marks: dict[str, str | None] = {}
        self.unproven: set[str] = set()
        self.tagged: dict[str, dict[str, str]] = {}
        self.calls: Counter[str] = Counter()
        self.down = False
        self.before_write: Callable[[str], None] = lambda call: None
        self.after_write: Callable[[str], None] = lambda call: None
        self._tells, self._number = tells_versions, 0

    def render(self, dashboard: Dashboard) -> Body:
        return to_cloudwatch(dashboard, "eu-west-1")

    def tags(self, dashboard: Dashboard) -> dict[str, str]:
        return {} if self._tells else dict(tag.split(":", 1) for tag in dashboard.tags)

    def comparable(self, body: Body) -> Body:
        return normalise("cloudwatch", body)

    def list(self, adopted: Collection[str] = (), *, enough: Collection[str] = ()) -> list[Listed]:
        self._count("list")
        return [Listed(ref, self.marks[ref], f"v{held.version}", f"{at:06}", f"arn:{ref}", held.url)
                for at, (ref, held) in enumerate(self.held.items())
                if self.marks[ref] is not None or ref in adopted]

    def owns(self, listed: Listed) -> bool:
        self._count("owns")
        return listed.ref not in self.unproven

    def get(self, ref: str) -> Held | None:
        self._count("get")
        held = self.held.get(ref)
        return replace(held, listed="") if held and not self._tells else held

    def raw(self, ref: str) -> Body | None:
        found = self.get(ref)
        return found.body if found else None

    def create(self, dashboard_id: str, body: Body, tags: dict[str, str]) -> Held:
        self.before_write("create")
        ref = f"ref-{dashboard_id}"
        while ref in self.held:
            ref += "+"
        return self._write("create", ref, dashboard_id, body, tags)

    def find(self, dashboard_id: str) -> Held | None:
        self._count("find")
        return next((held for ref, held in self.held.items() if self.marks[ref] == dashboard_id), None)

    def update(self, held: Held, body: Body, tags: dict[str, str]) -> Held:
        self.before_write("update")
        now = self.held.get(held.ref)
        if now is None or now.version != held.version:
            raise Changed("changed since")
        return self._write("update", held.ref, body.get("mark", self.marks[held.ref]), body, tags)

    def delete(self, ref: str) -> None:
        self.before_write("delete")
        self._count("delete")
        self.held.pop(ref, None)
        self.after_write("delete")

    def edit(self, ref: str, **changes: Any) -> None:
        """By hand."""
        self._number += 1
        version = str(self._number)
        self.held[ref] = replace(self.held[ref], body={**self.held[ref].body, **changes}, version=version,
                                 listed=f"v{version}")

    def put(self, ref: str, body: Body, mark: str | None = None) -> None:
        """Somebody else's."""
        self._number += 1
        self.held[ref] = Held(ref, self.comparable(body), str(self._number), f"https://cloud/{ref}",
                              f"v{self._number}")
        self.marks[ref] = mark

    def _write(self, call: str, ref: str, mark: str | None, body: Body, tags: dict[str, str]) -> Held:
        self._count(call)
        self.put(ref, body, mark)
        self.tagged[ref] = tags
        made = self.held[ref]
        self.after_write(call)
        return made if self._tells else replace(made, listed="")

    def _count(self, call: str) -> None:
        self.calls[call] += 1
        if self.down:
            raise DashboardError("the cloud is down")
