"""What scheduled runs add to Alertmanager's timers."""

from datetime import UTC, datetime, timedelta

from watchbill.alerts.grouping import Group, Timing, Told, flush, insert

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
TIMING = Timing(30 * SECOND, 5 * MINUTE, 240 * MINUTE, tick=5 * MINUTE)
WEB = {"web": True}


def test_a_group_wait_below_the_tick_flushes_in_the_run_that_opened_the_group() -> None:
    now = START + 9 * SECOND
    group, [notice] = flush(insert(Group(), ["a"], TIMING, now), [], [], WEB, TIMING, now)
    assert (notice.firing, notice.reason) == ({"a"}, "new")
    assert group.next_flush == START + 5 * MINUTE


def test_a_longer_group_wait_is_waited_for() -> None:
    timing = Timing(10 * MINUTE, 5 * MINUTE, 240 * MINUTE, tick=5 * MINUTE)
    group = insert(Group(), ["a"], timing, START + 9 * SECOND)
    assert group.next_flush == START + 10 * MINUTE
    assert flush(group, [], [], WEB, timing, START + 5 * MINUTE)[1] == []
    assert len(flush(group, [], [], WEB, timing, START + 10 * MINUTE + 3 * SECOND)[1]) == 1


def test_late_runs_keep_to_the_schedule_and_missed_ones_are_not_made_up_for() -> None:
    opened = insert(Group(), ["a"], TIMING, START)
    group, _ = flush(opened, [], [], WEB, TIMING, START)
    group, notices = flush(insert(group, ["b"], TIMING, START), [], [], WEB, TIMING, START + 17 * MINUTE)
    assert [sorted(notice.firing) for notice in notices] == [["a", "b"]]
    assert group.next_flush == START + 20 * MINUTE


def test_repeat_counts_from_flush_to_flush_whatever_the_runs_delay() -> None:
    group, _ = flush(insert(Group(), ["a"], TIMING, START + 50 * SECOND), [], [], WEB, TIMING, START + 50 * SECOND)
    assert flush(group, [], [], WEB, TIMING, START + 235 * MINUTE + 3 * SECOND)[1] == []
    _, [notice] = flush(group, [], [], WEB, TIMING, START + 240 * MINUTE + 3 * SECOND)
    assert notice.reason == "repeat"
    assert flush(group, [], [], WEB, TIMING, START + 240 * MINUTE + 3 * SECOND, repeats=False)[1] == []


def test_a_resolve_is_told_to_whom_the_firing_was_told_though_it_is_muted() -> None:
    told = {"web": Told(frozenset("a"), at=START, owed=frozenset("a")), "new": Told()}
    group = Group(frozenset("a"), START, told=told)
    _, notices = flush(group, ["a"], ["a"], {"web": True, "new": True}, TIMING, START)
    assert [(notice.channel, notice.reason, notice.resolved) for notice in notices] == [("web", "resolved", {"a"})]


def test_an_empty_group_closes_and_the_next_alert_does_not_wait_for_its_schedule() -> None:
    timing = Timing(30 * SECOND, 60 * MINUTE, 240 * MINUTE, tick=5 * MINUTE)
    group, _ = flush(insert(Group(), ["a"], timing, START), [], [], WEB, timing, START)
    group, _ = flush(group, ["a"], [], WEB, timing, START + 60 * MINUTE)
    assert insert(group, ["b"], timing, START + 65 * MINUTE).next_flush == START + 65 * MINUTE
    assert insert(group, ["b"], timing, START + 65 * MINUTE, held=True).next_flush == START + 120 * MINUTE
