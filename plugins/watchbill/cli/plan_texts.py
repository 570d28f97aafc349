"""A plan of dashboards -> words: for a terminal, and as markdown for a pull request."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from watchbill.cli.printing import shown
from watchbill.model.clouds import NAMES

if TYPE_CHECKING:
    from watchbill.flows.dashboard_changes import Action, Change
    from watchbill.model.places import Place

_WORDS: "dict[Action, str]" = {
    "create": "to create", "change": "to change", "delete": "to delete", "drifted": "drifted", "failed": "failed",
    "unchanged": "unchanged",
}
MOST_LINES = 200  # of one dashboard


def summary(changes: "Sequence[Change]") -> str:
    """`1 to create, 2 to change, 5 unchanged`."""
    counts = Counter(change.action for change in changes)
    return ", ".join(f"{counts[action]} {word}" for action, word in _WORDS.items() if counts[action]) or "no dashboards"


def text(changes: "Sequence[Change]") -> Iterator[str]:
    """Place by place; what is unchanged is only counted."""
    for place, found in _by_place(changes):
        told = [change for change in found if change.is_work or change.note]
        if told:
            yield f"{NAMES[place.cloud]} ({shown(place.connection)})"
        for change in told:
            yield "  " + "  ".join(shown(each) for each in (change.action, change.dashboard, change.url) if each)
            yield from (f"      {shown(each)}" for each in (change.note, change.error) if each)
            yield from (f"    {line}" for line in _lines(change))
    yield summary(changes)


def markdown(changes: "Sequence[Change]") -> Iterator[str]:
    """For a comment on a pull request."""
    yield f"### Dashboards: {summary(changes)}"
    for place, found in _by_place(changes):
        for change in (each for each in found if each.is_work):
            live = f" – [live]({change.url})" if change.url else ""
            where = f"{NAMES[place.cloud]} ({_plain(place.connection)}){live}"
            yield f"\n**{change.action}** `{change.dashboard}` in {where}"
            yield from (f"\n{_plain(each)}" for each in (change.note, change.error) if each)
            lines = [re.sub(r"^~", "!", line) for line in _lines(change)]
            if lines:
                fence = "`" * max(3, 1 + max(len(run) for line in lines for run in re.findall("`*", line)))
                yield "\n".join(["", f"{fence}diff", *lines, fence])


def _by_place(changes: "Sequence[Change]") -> "Iterator[tuple[Place, list[Change]]]":
    ordered = sorted(changes, key=lambda change: change.place)
    for place, found in groupby(ordered, key=lambda change: change.place):
        yield place, list(found)


def _lines(change: "Change") -> list[str]:
    """An edit by hand is shown as it was made; what would undo it is the same backwards."""
    found = [shown(str(one)) for one in (change.by_hand or change.differences)]
    heading = ["by hand:"] if change.by_hand else []
    more = [f"and {len(found) - MOST_LINES} more"] if len(found) > MOST_LINES else []
    return [*heading, *found[:MOST_LINES], *more]


def _plain(words: str) -> str:
    """Nothing that markdown would obey."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", shown(words))
