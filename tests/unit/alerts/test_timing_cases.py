"""Groups notify when the real Alertmanager notified, to the second, with the same alerts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.alerts.cases import load
from watchbill.alerts.grouping import Group, Notice, Timing, flush, insert

pytestmark = pytest.mark.cases
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class _Alertmanager:
    """Plays events and due flushes in the order of time, one group for each `g`."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.timing = Timing(*(timedelta(seconds=case[name])
                               for name in ("group_wait", "group_interval", "repeat_interval")))
        self.send_resolved: bool = case["send_resolved"]
        self.groups: dict[str, Group] = {}
        self.resolved: set[str] = set()
        self.sent: list[dict[str, Any]] = []

    def event(self, event: dict[str, Any]) -> None:
        now = EPOCH + timedelta(seconds=event["t"])
        if event["action"] == "resolve":
            self.resolved.add(event["id"])
            return
        self.resolved.discard(event["id"])
        group = self.groups.get(event["g"], Group())
        self.groups[event["g"]] = insert(group, [event["id"]], self.timing, now)

    def flush_until(self, end: datetime) -> None:
        """A flush at the instant of an event comes first: the event was posted a moment later."""
        while due := [(group.next_flush, name) for name, group in self.groups.items()
                      if group.next_flush is not None and group.next_flush <= end]:
            now, name = min(due)
            group, notices = flush(self.groups[name], self.resolved, (), {"web": self.send_resolved},
                                   self.timing, now)
            self.groups[name] = group
            self.sent += [_seen(name, now, notice) for notice in notices]


def _seen(group: str, now: datetime, notice: Notice) -> dict[str, Any]:
    return {"t": round((now - EPOCH) / timedelta(seconds=1), 3), "g": group,
            "status": "firing" if notice.firing else "resolved",
            "firing": sorted(notice.firing), "resolved": sorted(notice.resolved)}


def _order(notice: dict[str, Any]) -> tuple[float, str]:
    return notice["t"], notice["g"]


def _expected(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"t": round(n["t_ideal"], 3), "g": n["g"], "status": n["status"],
             "firing": sorted(n["firing"]), "resolved": sorted(n["resolved"])}
            for n in case["notifications"] if n["t"] < case["horizon"] - 0.3]


@pytest.mark.parametrize("cases", load("timing_live_cases.json"))
def test_every_trace_of_the_live_alertmanager_is_reproduced(cases: dict[str, Any]) -> None:
    for case in cases["cases"]:
        played = _Alertmanager(case)
        for event in case["events"]:
            played.flush_until(EPOCH + timedelta(seconds=event["t"]))
            played.event(event)
        played.flush_until(EPOCH + timedelta(seconds=case["horizon"] - 0.3))
        assert sorted(played.sent, key=_order) == sorted(_expected(case), key=_order), case
