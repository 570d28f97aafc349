"""M out of N datapoints, with CloudWatch's four ways to treat missing data; by columns, many series at once.

docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html: where N points are there, the
newest N are judged, from a range that reaches a little further back. Where fewer are, all of them are, and the policy
fills in for the rest. Under `missing` and `ignore` nothing is filled in: few points decide where they leave no doubt.
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_at_least: Any = pc.greater_equal
_below: Any = pc.less
_is: Any = pc.equal


def m_of_n(slots: Sequence[Any], least: int, periods: int, treat_missing_data: str) -> Any:
    """True: ALARM, false: OK, null: INSUFFICIENT_DATA or keep the state, as the policy says.

    `slots`: the points of the evaluation range, newest first: whether each breaches, null where it is missing.
    """
    real, breaching = _count(slots, periods)
    enough = _at_least(breaching, least)
    if treat_missing_data == "breaching":
        filled = pc.subtract(pa.scalar(periods), real)
        return _at_least(pc.add(breaching, filled), least)
    if treat_missing_data == "notBreaching":
        return enough
    if treat_missing_data == "missing":
        undecided: Any = _is(real, 0)
        alarm = pc.or_(enough, pc.and_(_below(real, least), _old_enough(slots[:periods], least)))
    else:
        undecided = pc.and_(_below(real, periods), _is(real, breaching))  # nothing speaks against an alarm
        alarm = enough
    decided: Any = pc.if_else(pc.and_(undecided, pc.invert(alarm)), pa.scalar(None, pa.bool_()), alarm)
    return decided


def _count(slots: Sequence[Any], periods: int) -> tuple[Any, Any]:
    """How many of the newest points, at most `periods`, are there, and how many of them breach."""
    nothing: Any = pa.repeat(pa.scalar(0, pa.int64()), len(slots[0]))
    real, breaching = nothing, nothing
    for slot in slots:
        counts = pc.and_(pc.is_valid(slot), _below(real, periods))
        breaching = pc.add(breaching, pc.and_(counts, pc.fill_null(slot, False)).cast(pa.int64()))
        real = pc.add(real, counts.cast(pa.int64()))
    return real, breaching


def _old_enough(slots: Sequence[Any], least: int) -> Any:
    """Whether the oldest breaching point is as old as M, and none after it was fine: an alarm that cannot be early."""
    no: Any = pa.repeat(pa.scalar(False), len(slots[0]))
    fine, blocked, old = no, no, no
    for age, slot in enumerate(slots, start=1):
        breaches = pc.fill_null(slot, False)
        blocked = pc.or_(blocked, pc.and_(breaches, fine))
        fine = pc.or_(fine, pc.and_(pc.is_valid(slot), pc.invert(breaches)))
        if age >= least:
            old = pc.or_(old, breaches)
    return pc.and_(old, pc.invert(blocked))
