"""What was due, what the vendors took, and why some of it came twice."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Literal, Self

from sandbox.server import Sandbox
from tests.faults.deployment import FIFO, MAIL, SLACK, TARGETS
from watchbill.alerts.ledger import Ledger

Cause = Literal["ambiguous", "died"]
Word = tuple[str, str, str]
"""Target, firing or resolved, and the service: what one channel is to hear once."""
_HEAD = re.compile(r"\[([A-Z]+)\] ([\w-]+) has errors", re.IGNORECASE)


@dataclass
class Tally:
    """Notifications of one channel."""

    due: int = 0
    delivered: int = 0  # at least once
    after_ambiguous: int = 0  # once more, because the vendor's answer left open whether it had taken it
    after_death: int = 0  # once more, because the sender died between the vendor's yes and our record
    twice: int = 0  # once more without a reason: a defect
    lost: int = 0  # a defect

    def __add__(self, other: Self) -> "Tally":
        return Tally(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


def count(due: Collection[Word], heard: Counter[Word], excuses: Counter[tuple[Word, Cause]]) -> dict[str, Tally]:
    """By target. What is heard though it was not due counts as twice."""
    found = {target: Tally() for target in TARGETS}
    for word in {*due, *heard}:
        tally, times = found[word[0]], heard[word]
        more = max(times - 1, 0) if word in due else times
        excused = Counter[Cause]()
        for cause in ("ambiguous", "died"):
            # A FIFO topic knows a notification again: whatever the reason, nobody may hear it twice.
            excused[cause] = 0 if word[0] == FIFO else min(more - excused.total(), excuses[word, cause])
        tally.due += word in due
        tally.delivered += word in due and times > 0
        tally.lost += word in due and times == 0
        tally.after_ambiguous += excused["ambiguous"]
        tally.after_death += excused["died"]
        tally.twice += more - excused.total()
    return found


def heard(sandbox: Sandbox) -> Counter[Word]:
    """What the vendors took, each time that somebody was told."""
    return Counter([
        *_words(SLACK, (message.posted for message in sandbox.slack.messages)),
        *_words(MAIL, (mail["subject"] for mail in sandbox.aws.mail.all())),
        *(word for note in sandbox.aws.topics.all()
          for word in _words(note["topic_arn"], ["[{status}] {title}".format(**json.loads(note["message"]))])),
    ])


def _words(target: str, texts: Iterable[str]) -> Iterator[Word]:
    for text in texts:
        if head := _HEAD.search(text):
            yield target, "resolved" if head[1].lower() == "resolved" else "firing", head[2]


def excuses(journal: Path, ledger: Ledger) -> Counter[tuple[Word, Cause]]:
    """How often each word may have come once more, as the processes noted it and the ledger recorded it."""
    lines = [line.split() for line in journal.read_text().splitlines()] if journal.exists() else []
    counted = Counter((word, name) for _, word, name in lines)
    recorded = Counter(row["subject"] for row in ledger.history(limit=1_000_000)
                       if row["kind"] in ("notification_sent", "notification_sent_late"))
    found: Counter[tuple[Word, Cause]] = Counter()
    for row in ledger.notifications(limit=1_000_000):
        name, service = row["id"], re.search(r'service="([^"]+)"', row["group_key"])
        if service is None:
            continue
        word = row["target"], "firing" if row["firing"] else "resolved", service[1]
        unknown = counted["sending", name] - counted["refused", name] - counted["ambiguous", name] - recorded[name]
        found[word, "ambiguous"] += counted["ambiguous", name]
        found[word, "died"] += max(unknown, 0)
    return found


def table(tallies: dict[str, Tally]) -> str:
    """For people: a line for each channel."""
    names = [field.name.replace("_", " ") for field in fields(Tally)]
    rows = [["", *names], *([target, *map(str, astuple(tally))] for target, tally in tallies.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in
                                                           zip(row[1:], widths[1:], strict=True))]) for row in rows)
