"""What became of each widget of a dashboard on its way to the other cloud, and how that adds up.

whole: the same series, query or text, shown the same way but for its style. lossy: still the same series or query, and
what is lost is said. impossible: it is left out, and why is said. raw: of a kind that only its own cloud has, left out
too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from watchbill.dashboards.reading import Family
from watchbill.model.dashboards import Cloud

Verdict = Literal["whole", "lossy", "impossible", "raw"]
VERDICTS: tuple[Verdict, ...] = ("whole", "lossy", "impossible", "raw")
JUDGED: tuple[Family, ...] = ("metric", "log", "text")
"""What both clouds can show. Of the rest one cloud knows nothing, and it is counted apart."""


@dataclass(frozen=True)
class Converted:
    """One widget."""

    path: str  # in the model: `widgets.3`, `widgets.2.widgets.0`
    kind: str  # the vendor's word: timeseries, toplist, metric …
    family: Family
    title: str
    verdict: Verdict
    lost: tuple[str, ...] = ()  # what is lost, or why it is impossible: one sentence each
    style: tuple[str, ...] = ()  # what looks otherwise, and counts as no loss

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "kind": self.kind, "family": self.family, "title": self.title,
                "verdict": self.verdict, "lost": list(self.lost), "style": list(self.style)}


@dataclass(frozen=True)
class Report:
    """One dashboard."""

    name: str  # the file's, or the dashboard's
    source: Cloud
    target: Cloud
    widgets: tuple[Converted, ...]
    lost: tuple[str, ...] = ()  # of the dashboard as a whole

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "from": self.source, "to": self.target, "lost": list(self.lost),
                "widgets": [widget.to_json() for widget in self.widgets], "totals": totals([self]).to_json()}


@dataclass(frozen=True)
class Totals:
    """Counts of widgets of many dashboards; the shares are of those that both clouds can show."""

    verdicts: Counter[Verdict]  # of metric, log and text widgets
    others: Counter[Verdict]
    kinds: dict[str, Counter[Verdict]]  # by the vendor's word, all widgets
    reasons: Counter[str]  # why widgets are lossy or impossible, of metric, log and text widgets

    @property
    def judged(self) -> int:
        return self.verdicts.total()

    def share(self, *verdicts: Verdict) -> float:
        """0 to 1 of the metric, log and text widgets; 1 where there are none."""
        return sum(self.verdicts[each] for each in verdicts) / self.judged if self.judged else 1.0

    def to_json(self) -> dict[str, Any]:
        return {
            "widgets": self.judged,
            **{verdict: self.verdicts[verdict] for verdict in VERDICTS},
            "whole_share": round(self.share("whole"), 4),
            "shown_share": round(self.share("whole", "lossy"), 4),
            "others": {verdict: self.others[verdict] for verdict in VERDICTS},
            "kinds": {kind: {verdict: found[verdict] for verdict in VERDICTS}
                      for kind, found in sorted(self.kinds.items())},
            "reasons": dict(self.reasons.most_common()),
        }


def totals(reports: Iterable[Report]) -> Totals:
    found = Totals(Counter(), Counter(), {}, Counter())
    for widget in (widget for report in reports for widget in report.widgets):
        found.kinds.setdefault(widget.kind, Counter())[widget.verdict] += 1
        if widget.family in JUDGED:
            found.verdicts[widget.verdict] += 1
            found.reasons.update(dict.fromkeys(widget.lost, 1))
        else:
            found.others[widget.verdict] += 1
    return found


def verdict(kinds: Sequence[str], *, raw: bool = False) -> Verdict:
    """Of the kinds of what is lost."""
    if raw:
        return "raw"
    if "impossible" in kinds:
        return "impossible"
    return "lossy" if kinds else "whole"
