"""A silence: alerts that nobody is told of for a while, by whom and why. Pure; the ledger keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from watchbill.model.failures import WatchbillError
from watchbill.model.matcher_text import parse_classic_one, parse_utf8
from watchbill.model.matchers import Matcher, format_matchers

SilenceState = Literal["pending", "active", "expired"]


@dataclass(frozen=True)
class Silence:
    """Silences what all its matchers match, from `starts_at` on and before `ends_at`."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    author: str
    comment: str
    created_at: datetime
    expired_by: str | None = None  # who ended it early; then it is over whatever the clock says

    def state(self, now: datetime) -> SilenceState:
        if self.expired_by is not None or now >= self.ends_at:
            return "expired"
        return "active" if now >= self.starts_at else "pending"

    def matches(self, labels: Mapping[str, str]) -> bool:
        return all(matcher.matches(labels) for matcher in self.matchers)

    def to_json(self, now: datetime) -> dict[str, Any]:
        return {
            "id": self.id, "state": self.state(now), "matchers": [str(matcher) for matcher in self.matchers],
            "starts_at": self.starts_at, "ends_at": self.ends_at, "author": self.author, "comment": self.comment,
            "created_at": self.created_at, "expired_by": self.expired_by,
        }


class Silencer:
    """The silences that are active at one moment."""

    def __init__(self, silences: Sequence[Silence], now: datetime) -> None:
        self._active = [silence for silence in silences if silence.state(now) == "active"]

    def silenced_by(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """The ids of those that match, sorted."""
        return tuple(sorted(silence.id for silence in self._active if silence.matches(labels)))


def parse_matcher(text: str) -> Matcher:
    """One matcher, as a command line gives it: `severity=critical`, `host=~"web-.*"`. Raises WatchbillError."""
    try:
        return parse_classic_one(text)
    except ValueError as classic:
        try:
            [found] = parse_utf8(text)
        except ValueError:
            raise WatchbillError(str(classic)) from None
        return found


def parse_words(words: Sequence[str]) -> tuple[Matcher, ...]:
    """Each word one matcher; a first one without an operator is an alert's name, as in amtool.

    Raises WatchbillError, also for matchers that hold for every alert: that would silence or acknowledge everything.
    """
    found: list[Matcher] = []
    for place, word in enumerate(words):
        bare = place == 0 and "=" not in word and "!~" not in word
        found.append(Matcher("alertname", "=", word) if bare else parse_matcher(word))
    if not found or all(matcher.matches({}) for matcher in found):
        given = f": {format_matchers(tuple(found))} also holds for an alert without labels" if found else ""
        raise WatchbillError(f"at least one matcher must ask for a label that is there{given}")
    return tuple(found)


def check_span(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises WatchbillError, as Alertmanager refuses a silence."""
    if ends_at <= starts_at:
        raise WatchbillError(f"a silence must end after it starts: it would go from {_said(starts_at)} to "
                             f"{_said(ends_at)}")
    if ends_at <= now:
        raise WatchbillError(f"a silence cannot end in the past: {_said(ends_at)}")


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
