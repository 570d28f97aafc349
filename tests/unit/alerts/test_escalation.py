"""Whatever happens to alerts, acknowledgements and silences: each step tells each firing once, and its end."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.alerts.escalation import escalate, overdue
from watchbill.alerts.grouping import Group, Timing, flush, insert

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AFTER = 15 * MINUTE
ALERTS = ("a", "b")

happenings = st.lists(st.tuples(
    st.sampled_from((1, 2, 5)),  # minutes since the last run; runs come late and in between
    st.tuples(*(st.sampled_from((True, True, True, False)) for _ in ALERTS)),  # who fires
    st.sets(st.sampled_from(ALERTS)),  # who is acknowledged, if it fires
    st.sets(st.sampled_from(ALERTS), max_size=1),  # who is silenced
), min_size=10, max_size=60)


class Played:
    """A group with one step, and what a person who keeps count would say of it."""

    def __init__(self, *, send_resolved: bool, interval: timedelta) -> None:
        self.timing = Timing(timedelta(0), interval, timedelta(hours=4), 5 * MINUTE)
        self.send_resolved = send_resolved
        self.group, self.step, self.now = Group(), Group(), START
        self.told: set[str] = set()  # in this episode, from one flush that told the end to the next

    def run(self, minutes: int, firing: set[str], acknowledged: set[str], silenced: set[str]) -> None:
        self.now += minutes * MINUTE
        held_back = (acknowledged & firing) | silenced
        group = insert(self.group, firing, self.timing, self.now)
        group, _ = flush(group, group.members - firing, silenced, {"main": True}, self.timing, self.now)
        due = overdue(group.since, AFTER, self.now) & firing
        known = self.step.told["boss"].firing if "boss" in self.step.told else frozenset()
        self.step, notices = escalate(self.step, due, held_back, group.members, firing,
                                      {"boss": self.send_resolved}, 5 * MINUTE, self.now)
        self._count(notices, known, due, held_back, firing, known - group.members)
        self.group = group

    def _count(self, notices, known, due, held_back, firing, ended) -> None:
        new = {name for notice in notices for name in notice.firing} - known
        assert new == due - known - held_back, "who is due and untold is told in this very run, and nobody else is"
        assert all(notice.firing <= firing for notice in notices)
        assert self.told.isdisjoint(new), "told twice in one episode"
        told = {name for notice in notices for name in notice.resolved}
        assert told == (ended if self.send_resolved else set()), "who was told hears of the end, once"
        self.told = (self.told | new) - ended


@settings(max_examples=300, deadline=None)
@given(happenings, st.booleans(), st.sampled_from((1, 5, 10)))
def test_each_firing_is_escalated_once_and_its_end_told(happened, send_resolved, interval) -> None:
    played = Played(send_resolved=send_resolved, interval=interval * MINUTE)
    for minutes, fires, acknowledged, silenced in happened:
        firing = {name for name, does in zip(ALERTS, fires, strict=True) if does}
        played.run(minutes, firing, acknowledged, silenced)
