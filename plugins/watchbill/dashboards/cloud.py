"""What the flow asks of a cloud, whichever it is."""

from dataclasses import dataclass
from typing import Any, Protocol

from watchbill.model.dashboards import Dashboard

Body = dict[str, Any]


@dataclass(frozen=True)
class Held:
    """A dashboard as the cloud has it."""

    ref: str  # the cloud's name for it
    body: Body  # the comparable part
    version: str  # changes whenever anybody changes it
    url: str  # for people


class Cloud(Protocol):
    """Each call raises DashboardError with a sentence that names the cloud; none repeats a write by itself."""

    def render(self, dashboard: Dashboard) -> Body:
        """The body to keep there."""

    def comparable(self, body: Body) -> Body:
        """The part of a body that means something: equal where nothing has to be done."""

    def list(self) -> dict[str, str]:
        """The dashboards that are ours: our id -> the cloud's ref."""

    def get(self, ref: str) -> Held | None:
        """None where there is none."""

    def create(self, dashboard_id: str, body: Body) -> Held:
        """Finds the one that is there already, rather than make a second."""

    def update(self, held: Held, body: Body) -> Held:
        """Replaces the body. Raises where somebody has changed it since `held` was read."""
