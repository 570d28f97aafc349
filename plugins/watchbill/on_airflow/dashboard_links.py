"""Buttons on a task's page that lead to live dashboards: one for each dashboard and cloud."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from airflow.sdk import BaseOperator, BaseOperatorLink

from watchbill.model.clouds import CLOUDS, NAMES, Cloud

MOST = 10  # dashboards with buttons of their own; each costs every run two calls of Airflow's API


@dataclass(frozen=True)
class DashboardLink(BaseOperatorLink):
    """`shop in Datadog`. The operator's `urls` say where it leads; nowhere, where the task did not go there."""

    dashboard: str
    cloud: Cloud

    @property
    def name(self) -> str:
        return f"{self.dashboard} in {NAMES[self.cloud]}"

    @property
    def xcom_key(self) -> str:
        return f"_link_{self.cloud}_{self.dashboard}"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:  # noqa: ARG002
        return str(getattr(operator, "urls", {}).get((self.dashboard, self.cloud), ""))


def links_to(dashboards: Iterable[str]) -> tuple[DashboardLink, ...]:
    """Of the first few."""
    return tuple(DashboardLink(dashboard, cloud) for dashboard in list(dashboards)[:MOST] for cloud in CLOUDS)
