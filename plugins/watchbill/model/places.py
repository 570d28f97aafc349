"""Where dashboards are kept: a cloud, and the Airflow connection of one of its accounts or organisations."""

from collections.abc import Iterable
from typing import NamedTuple

from watchbill.model.clouds import CLOUDS, Cloud
from watchbill.model.dashboards import Dashboard
from watchbill.model.settings import DashboardSettings


class Place(NamedTuple):
    cloud: Cloud
    connection: str

    def __str__(self) -> str:
        return f"{self.cloud} ({self.connection})"


def places_of(dashboard: Dashboard, settings: DashboardSettings) -> list[Place]:
    """All where it is to be; those that it names itself, or the usual one of each cloud."""
    return [Place(cloud, connection) for cloud in dashboard.clouds
            for connection in dict.fromkeys(dashboard.connections.get(cloud) or (settings.connection(cloud),))]


def usual_places(settings: DashboardSettings) -> list[Place]:
    return [Place(cloud, settings.connection(cloud)) for cloud in CLOUDS]


def adopted(dashboard: Dashboard, place: Place, settings: DashboardSettings) -> str:
    """The dashboard that is there already and is to be ours, by its name or id; "" for none. In one place only: the
    first of its cloud.
    """
    first = next((one for one in places_of(dashboard, settings) if one.cloud == place.cloud), None)
    return str(getattr(dashboard.adopt, place.cloud)) if place == first else ""


def every_place(dashboards: Iterable[Dashboard], settings: DashboardSettings) -> list[Place]:
    """All where one of them is to be."""
    return list(dict.fromkeys(place for dashboard in dashboards for place in places_of(dashboard, settings)))
