"""A vendor slows down, breaks off, gives no answer in time or refuses: nobody else notices, and nothing is lost."""

from collections.abc import Callable

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.faults.deployment import FIFO, MAIL, SLACK, TARGETS, TOPIC
from tests.faults.tally import Tally, table
from tests.faults.trial import Trial
from tests.faults.worker import PATIENCE_S

NewTrial = Callable[..., Trial]
CALLS = {"slack": "chat.postMessage", "ses": "SendEmail", "sns": "Publish"}
TARGETS_OF = {"slack": {SLACK}, "ses": {MAIL}, "sns": {TOPIC, FIFO}}
MADE: dict[str, dict[str, object]] = {
    "too many": {"status": 429, "headers": {"Retry-After": "40"}},
    "unavailable": {"status": 503},
    "an error of its own": {"status": 500},
    "cut before it was read": {"cut": True},
    "cut after it was taken": {"cut": True, "after": True},
    "half an answer": {"partial": True},
    "taken after we gave up": {"delay_s": PATIENCE_S + 0.3},
}


@pytest.mark.parametrize("vendor", CALLS)
@pytest.mark.parametrize("trouble", MADE)
def test_nothing_is_lost_when(trial: NewTrial, sandbox: Sandbox, vendor: str, trouble: str) -> None:
    one = trial()
    for part in (one.fail, one.recover):
        part()
        one.tick()
        sandbox.faults.add(Fault(vendor, CALLS[vendor], **MADE[trouble]))  # type: ignore[arg-type]
        one.drain()
        sandbox.faults.clear()
    tallies = one.tally()
    taken = trouble in ("cut after it was taken", "half an answer", "taken after we gave up")
    for target, tally in tallies.items():
        assert (tally.delivered, tally.lost, tally.twice, tally.after_death) == (2, 0, 0, 0), table(tallies)
        assert tally.after_ambiguous <= 2 * (taken and target in TARGETS_OF[vendor] - {FIFO}), table(tallies)


def test_a_channel_that_refuses_for_good_stops_no_other(trial: NewTrial, sandbox: Sandbox) -> None:
    one = trial()
    one.fail()
    sandbox.faults.add(Fault("slack", "chat.postMessage", body={"ok": False, "error": "is_archived"}, times=None))
    one.tick()
    one.drain()
    tallies = one.tally()
    assert tallies.pop(SLACK) == Tally(due=1, lost=1)
    assert set(tallies) == set(TARGETS) - {SLACK}
    assert all(tally == Tally(due=1, delivered=1) for tally in tallies.values()), table(tallies)
    with one.ledger() as ledger:
        dead = [row["target"] for row in ledger.notifications() if row["status"] == "dead"]
    assert dead == [SLACK]
