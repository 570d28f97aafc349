"""Which time intervals mute a route now: alerting.yaml's intervals and the wall clock in, the names of them out."""

from collections.abc import Sequence
from datetime import datetime

from watchbill.model.alerting import Alerting
from watchbill.model.time_intervals import NamedTimeInterval


class TimeIntervals:
    """All that alerting.yaml declares, by name. KeyError for one that it does not."""

    def __init__(self, declared: Sequence[NamedTimeInterval]) -> None:
        self._named = {interval.name: interval for interval in declared}

    @classmethod
    def of(cls, alerting: Alerting) -> "TimeIntervals":
        return cls((*alerting.mute_time_intervals, *alerting.time_intervals))

    def containing(self, names: Sequence[str], now: datetime) -> tuple[str, ...]:
        """Those of the names whose interval contains the moment, in their order."""
        return tuple(name for name in names if self._named[name].contains(now))

    def mute(self, muting: Sequence[str], active: Sequence[str], now: datetime) -> tuple[str, ...]:
        """Why a route is mute: its active intervals where now is outside of all of them, else those that mute it."""
        if active and not self.containing(active, now):
            return tuple(active)
        return self.containing(muting, now)
