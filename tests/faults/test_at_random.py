"""Workers that run at the same time, die, and lose their vendors and their database."""

from collections.abc import Callable
from itertools import islice
from random import Random

from tests.faults.chaos import rounds
from tests.faults.tally import table
from tests.faults.trial import FAILED, Trial, away

NewTrial = Callable[..., Trial]


def test_nothing_is_lost_under_load(trial: NewTrial) -> None:
    for tallies, _ in islice(rounds(trial, Random(7)), 1):
        assert all(tally.lost == tally.twice == 0 for tally in tallies.values()), table(tallies)


def test_workers_at_once_tell_nobody_twice(trial: NewTrial) -> None:
    one = trial("search", "checkout", "catalog")
    for part in (one.fail, one.recover):
        part()
        one.tick()
        assert one.run(workers=4) == [0, 0, 0, 0]
        one.drain()
    tallies = one.tally()
    assert all((tally.delivered, tally.lost) == (6, 0) for tally in tallies.values()), table(tallies)
    assert all(tally.twice == tally.after_death == tally.after_ambiguous == 0 for tally in tallies.values())


def test_a_database_that_was_away_is_made_up_for(trial: NewTrial) -> None:
    one = trial()
    for part in (one.fail, one.recover):
        part()
        one.tick()
        with away(one.url):
            assert one.run() == [FAILED]
        one.drain()
    assert all(tally.delivered == tally.due == 2 for tally in one.tally().values())
