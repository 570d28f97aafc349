"""Which alerts are meant: words of a command line or a form in, fingerprints and matchers out."""

import re
from collections.abc import Sequence

from watchbill.model.failures import WatchbillError
from watchbill.model.matchers import Matcher
from watchbill.model.silences import parse_words

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


def parse_alert_words(words: Sequence[str]) -> tuple[list[str], tuple[Matcher, ...]]:
    """Fingerprints, or matchers as for silences. Raises WatchbillError."""
    marks = [word for word in words if _FINGERPRINT.fullmatch(word)]
    rest = [word for word in words if word not in marks]
    if marks and rest:
        raise WatchbillError("give fingerprints, or matchers, not both")
    return marks, parse_words(rest) if rest else ()
