"""How busy the made-up shop is, how often it fails and how slow it answers.

Epoch seconds in, numbers out, as arrays; a pure function of the seed, the growth's start and the incidents.
"""

from dataclasses import dataclass

import numpy as np

from sandbox.noise import Counters, Floats, drift, normal

MINUTE_S = 60
LATENCY_S = 5  # one latency sample in so many seconds
WEEK_S = 7 * 86_400


@dataclass(frozen=True)
class Service:
    """What one service does on an average weekday."""

    requests: float  # a minute
    errors: float  # a minute
    latency_ms: float  # median
    weekend: float  # traffic on a Saturday, as a share of a weekday's


SERVICES = {
    "checkout": Service(requests=400, errors=2.0, latency_ms=120, weekend=0.7),
    "search": Service(requests=1200, errors=1.5, latency_ms=45, weekend=1.1),
    "catalog": Service(requests=2500, errors=2.5, latency_ms=30, weekend=1.25),
}


@dataclass(frozen=True)
class Incident:
    """From `start_s` up to `end_s` (epoch seconds, whole minutes) a service fails."""

    start_s: int
    end_s: int
    service: str = "checkout"

    def severity(self, minutes: Counters) -> Floats:
        """1 while it lasts, a fifth of that in each minute after, nothing from the fourth on."""
        after = np.clip((minutes - self.end_s) // MINUTE_S + 1, 0, 4)
        faded = np.array([1.0, 0.2, 0.04, 0.008, 0.0])[after]
        return np.where(minutes >= self.start_s, faded, 0.0)


@dataclass(frozen=True)
class Traffic:
    """One service's numbers are independent of another's; a minute's of where a window was cut."""

    seed: int
    epoch_s: float  # from here it grows by a hundredth each week
    incidents: tuple[Incident, ...] = ()

    def requests(self, service: str, timestamps: Floats) -> Floats:
        """Requests in the minute of each timestamp, those that people try again included."""
        minutes = _minutes(timestamps)
        mean = SERVICES[service].requests * self._load(service, minutes)
        return self._counts(f"{service}/requests", mean, minutes) + self._failures(service, minutes)

    def errors(self, service: str, timestamps: Floats) -> Floats:
        """Failed requests in the minute of each timestamp."""
        minutes = _minutes(timestamps)
        mean = SERVICES[service].errors * self._load(service, minutes)
        return self._counts(f"{service}/errors", mean, minutes) + self._failures(service, minutes)

    def latency(self, service: str, timestamps: Floats) -> Floats:
        """Milliseconds, log-normal: slower under load; in an incident five times that, and spread wider."""
        slots = (timestamps // LATENCY_S).astype(np.int64)
        severity = self._severity(service, timestamps)
        load = self._load(service, _minutes(timestamps))
        median = SERVICES[service].latency_ms * (0.85 + 0.15 * load) * (1 + 4 * severity)
        noise = (0.25 + 0.2 * severity) * normal(self.seed, f"{service}/latency", slots)
        return np.round(median * np.exp(noise), 3)

    def _failures(self, service: str, minutes: Floats) -> Floats:
        """What an incident adds to a minute: some 320 errors whatever the hour, as failed requests return."""
        return self._counts(f"{service}/failures", 320 * self._severity(service, minutes), minutes)

    def _severity(self, service: str, timestamps: Floats) -> Floats:
        minutes = _minutes(timestamps).astype(np.int64)
        severity = np.zeros(len(minutes))
        for incident in self.incidents:
            if incident.service == service:
                severity = np.maximum(severity, incident.severity(minutes))
        return severity

    def _load(self, service: str, timestamps: Floats) -> Floats:
        """Traffic as a share of an average weekday's: hour, weekday, growth and a slow wandering."""
        hours = timestamps / 3600 % 24
        hour = 1 - 0.45 * np.cos(2 * np.pi * (hours - 4) / 24) + 0.08 * np.cos(4 * np.pi * (hours - 11) / 24)
        weekend = SERVICES[service].weekend
        noons = (timestamps / 86_400 - 0.5) % 7  # whole at noon, 0 on a Thursday as the epoch was one
        weekday = np.interp(noons, range(8), (1, 1, weekend, 0.95 * weekend, 1, 1, 1, 1))
        growth = 1.01 ** ((timestamps - self.epoch_s) / WEEK_S)
        wander = 1 + 0.06 * drift(self.seed, f"{service}/load", timestamps, span_s=2400)
        load: Floats = hour * weekday * growth * wander
        return load

    def _counts(self, stream: str, mean: Floats, minutes: Floats) -> Floats:
        """Whole numbers around a mean, spread nearly as Poisson's are."""
        noise = normal(self.seed, stream, (minutes // MINUTE_S).astype(np.int64))
        counts: Floats = np.maximum(np.rint(mean + np.sqrt(mean) * noise), 0)
        return counts


def _minutes(timestamps: Floats) -> Floats:
    minutes: Floats = timestamps // MINUTE_S * MINUTE_S
    return minutes
