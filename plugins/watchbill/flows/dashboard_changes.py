"""What a plan says of one dashboard in one place, and what became of it. Both go through files and XCom as JSON."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from watchbill.dashboards.live.cloud import Body, Held
from watchbill.dashboards.live.differences import Difference
from watchbill.model.places import Place

Action = Literal["create", "change", "delete", "unchanged", "drifted", "failed"]
DONE: dict[Action, str] = {"create": "created", "change": "changed", "delete": "deleted", "unchanged": "unchanged",
                           "drifted": "drifted", "failed": "failed"}
WRITES: tuple[Action, ...] = ("create", "change", "delete")


@dataclass(frozen=True)
class Change:
    """`drifted`: somebody has changed it by hand since we wrote it."""

    dashboard: str  # the id of its declaration
    place: Place
    action: Action
    differences: tuple[Difference, ...] = ()  # from what is there to what is declared
    by_hand: tuple[Difference, ...] = ()  # from what we wrote to what is there
    body: Body | None = None  # to be kept; None where nothing is
    tags: dict[str, str] | None = None
    digest: str = ""  # of what is declared
    held: Held | None = None  # what was compared with
    listed: str = ""  # its version in the cloud's list; "" where it was not there
    ref: str = ""
    url: str = ""
    note: str = ""  # what a reader should know beside
    error: str = ""  # why it cannot be planned

    def __str__(self) -> str:
        """Lines for a log: what is to be done; what somebody has edited comes first."""
        said = ": ".join(each for each in (f"{self.action} {self.dashboard} on {self.place}", self.note, self.error)
                         if each)
        edits = [f"    by hand: {one}" for one in self.by_hand]
        return "\n".join([said, *edits, *([] if edits else [f"    {one}" for one in self.differences])])

    @property
    def is_work(self) -> bool:
        """Whether something is not as declared."""
        return self.action != "unchanged"

    def to_json(self) -> dict[str, Any]:
        """All of it, for a plan that is applied later."""
        return asdict(self) | {"place": list(self.place), "differences": [one.to_json() for one in self.differences],
                               "by_hand": [one.to_json() for one in self.by_hand]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Change":
        """Raises KeyError, TypeError for what is none."""
        cloud, connection = data["place"]
        read = {name: tuple(Difference(**one) for one in data[name]) for name in ("differences", "by_hand")}
        held = Held(**data["held"]) if data["held"] else None
        return cls(**{**data, **read, "held": held, "place": Place(cloud, connection)})

    def told(self) -> dict[str, Any]:
        """For who reads: without bodies."""
        return {"dashboard": self.dashboard, **self.place._asdict(), "action": self.action,
                "differences": [str(one) for one in self.differences], "by_hand": [str(one) for one in self.by_hand],
                "url": self.url, "note": self.note, "error": self.error}


@dataclass(frozen=True)
class Synced:
    """What became of a change."""

    dashboard: str
    place: Place
    action: Action
    url: str = ""
    error: str = ""
    by_hand: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"dashboard": self.dashboard, **self.place._asdict(), "action": self.action, "url": self.url,
                "error": self.error, "by_hand": list(self.by_hand)}
