"""What the flows ask of a cloud, whichever it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from watchbill.model.dashboards import Dashboard

Body = dict[str, Any]


@dataclass(frozen=True)
class Listed:
    """A dashboard in a cloud's list."""

    ref: str  # the cloud's name for it
    id: str | None  # the declaration that it says it is kept from; None for anybody else's
    version: str  # changes whenever anybody changes it
    created_at: str = ""  # sorts by age; "" where the cloud does not say
    arn: str = ""
    url: str = ""


@dataclass(frozen=True)
class Held:
    """A dashboard as the cloud has it."""

    ref: str
    body: Body  # the part that means something
    version: str  # changes whenever anybody changes it
    url: str  # for people
    listed: str = ""  # the version that the list shows from now on; "" where only the list tells
    arn: str = ""


class Cloud(Protocol):
    """One account or organisation. Each call raises DashboardError with a sentence that names the cloud."""

    def render(self, dashboard: Dashboard) -> Body:
        """The body to keep there. Raises DashboardError for what cannot be said."""

    def tags(self, dashboard: Dashboard) -> dict[str, str]:
        """What is kept beside the body."""

    def comparable(self, body: Body) -> Body:
        """The part of a body that means something: equal where nothing has to be done."""

    def list(self, adopted: Collection[str] = (), *, enough: Collection[str] = ()) -> Sequence[Listed]:
        """What says that it is ours, and those of the adopted refs that there are; the oldest first.

        `enough`: refs after which nobody looks for more, so that a page that might be cut need not be asked on.
        """

    def owns(self, listed: Listed) -> bool:
        """Whether it is ours beyond doubt. May cost a call."""

    def get(self, ref: str) -> Held | None:
        """None where there is none."""

    def raw(self, ref: str) -> Body | None:
        """All that it shows, as it could be put back."""

    def create(self, dashboard_id: str, body: Body, tags: dict[str, str]) -> Held:
        """A POST is made once: where its answer is lost, what came of it is looked for."""

    def find(self, dashboard_id: str) -> Held | None:
        """One that a lost POST may have made, looked for with patience."""

    def update(self, held: Held, body: Body, tags: dict[str, str]) -> Held:
        """Replaces the body. Raises Changed where somebody has changed it since `held` was read."""

    def delete(self, ref: str) -> None:
        """Gone already is done."""
