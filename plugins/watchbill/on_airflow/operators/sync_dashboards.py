"""include/dashboards -> CloudWatch and Datadog: plan and apply, one mapped task a cloud."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator, Context

from watchbill.model.dashboards import CLOUDS
from watchbill.model.failures import DashboardError
from watchbill.on_airflow import declarations


class CheckDashboardsOperator(BaseOperator):
    """Reads the declarations once, before anything is asked of a cloud; returns the clouds to sync."""

    def execute(self, context: Context) -> list[str]:  # noqa: ARG002
        dashboards = declarations.dashboards()
        self.log.info("%d dashboards are declared", len(dashboards))
        return [cloud for cloud in CLOUDS if any(cloud in dashboard.clouds for dashboard in dashboards)]


class SyncDashboardsOperator(BaseOperator):
    """Makes one cloud's dashboards as declared; mapped over the clouds, so that one away stops no other.

    With `plan_only` it logs the plan and writes nothing. Raises DashboardError when a dashboard could not be kept;
    the others are.
    """

    template_fields: Sequence[str] = ("cloud", "plan_only")

    def __init__(self, *, cloud: Any, plan_only: Any = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cloud = cloud
        self.plan_only = plan_only

    def execute(self, context: Context) -> list[dict[str, Any]]:  # noqa: ARG002
        from watchbill.flows.sync_dashboards import apply_sync, plan_sync
        from watchbill.on_airflow.connections import open_cloud

        clouds = {self.cloud: open_cloud(self.cloud, declarations.settings())}
        changes = plan_sync(declarations.dashboards(), clouds)
        for change in changes:
            self.log.info("%s", change)
        if self.plan_only:
            return [change.to_json() for change in changes]
        synced = apply_sync(changes, clouds)
        failed = [each for each in synced if each.error]
        if failed:
            raise DashboardError("; ".join(f"{each.dashboard} on {each.cloud}: {each.error}" for each in failed))
        return [each.to_json() for each in synced]
