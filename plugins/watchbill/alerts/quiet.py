"""What is not told at present: silences, inhibition and time intervals over the whole firing set. Pure.

One answer for the notices, which leave out what is quiet, and for the history, which says why.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from watchbill.alerts.inhibition import Inhibitor
from watchbill.alerts.routing import Options
from watchbill.alerts.suppressions import By, Kind
from watchbill.alerts.time_intervals import TimeIntervals
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert
from watchbill.model.silences import Silence, Silencer


class Quiet:
    """Knows every firing alert, so build it once the whole evaluation is done."""

    def __init__(self, alerting: Alerting, firing: Iterable[Alert], silences: Sequence[Silence],
                 now: datetime) -> None:
        self._inhibitor = Inhibitor(alerting.inhibit_rules, [alert.labels for alert in firing])
        self._silencer = Silencer(silences, now)
        self._intervals = TimeIntervals.of(alerting)
        self._now = now
        self._known: dict[str, dict[Kind, By]] = {}

    def of(self, fingerprint: str, alert: Alert) -> Mapping[Kind, By]:
        """By what it is silenced and inhibited; empty where it is told."""
        found = self._known.get(fingerprint)
        if found is None:
            silenced = self._silencer.silenced_by(alert.labels)
            inhibited = self._inhibitor.inhibited_by(alert.labels)
            found = self._known[fingerprint] = {}
            if silenced:
                found["silenced"] = list(silenced)
            if inhibited:
                found["inhibited"] = list(inhibited)
        return found

    def keeps(self, fingerprint: str) -> bool:
        """Whether an alert that `of` was asked about is silenced or inhibited."""
        return bool(self._known.get(fingerprint))

    def route(self, options: Options) -> tuple[str, ...]:
        """The time intervals that mute a route."""
        return self._intervals.mute(options.mute_time_intervals, options.active_time_intervals, self._now)
