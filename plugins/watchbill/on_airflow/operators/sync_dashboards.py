"""include/dashboards -> CloudWatch and Datadog: plan and apply, one mapped task for each account or organisation."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from airflow.sdk import BaseOperator, BaseOperatorLink, Context

from watchbill.model.failures import DashboardError, WatchbillError
from watchbill.model.places import Place, every_place
from watchbill.model.settings import Settings
from watchbill.on_airflow import declarations
from watchbill.on_airflow.dashboard_links import links_to
from watchbill.on_airflow.windows import now_utc

SIDES = ("keep", "overwrite")


class CheckDashboardsOperator(BaseOperator):
    """Reads the declarations once, before anything is asked of a cloud; returns the places to sync.

    Those where something was kept before are among them: what is declared no more has to go there too.
    """

    template_fields: Sequence[str] = ("only",)

    def __init__(self, *, only: Any = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.only = only

    def execute(self, context: Context) -> list[list[str]]:
        from watchbill.on_airflow.connections import open_ledger

        declared, settings, only = declarations.dashboards(), declarations.settings(), set(self.only or ())
        if unknown := sorted(only - {each.id for each in declared}):
            raise WatchbillError(f"no dashboard is declared as {', '.join(unknown)}")
        self.log.info("%d dashboards are declared", len(declared))
        named = every_place([each for each in declared if not only or each.id in only], settings.dashboards)
        known = _memory(open_ledger(settings), settings, context).places()
        return [list(place) for place in dict.fromkeys([*named, *known])]


class SyncDashboardsOperator(BaseOperator):
    """Makes one place's dashboards as declared; mapped over the places, so that one away stops no other.

    `plan_only`: logs the plan and writes nothing. `only`: ids of dashboards; all where it is empty, and then those that
    are declared no more are deleted, `prune` at most (None: as many as watchbill.yaml says). `hand_edits`: `keep` them
    and tell of them through the router, or `overwrite` them. Raises DashboardError when a dashboard could not be kept;
    the others are.
    """

    template_fields: Sequence[str] = ("place", "plan_only", "only", "hand_edits", "prune")

    def __init__(self, *, place: Any, plan_only: Any = False, only: Any = (), hand_edits: Any = "keep",
                 prune: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.place = place
        self.plan_only = plan_only
        self.only = only
        self.hand_edits = hand_edits
        self.prune = prune
        self.urls: dict[tuple[str, str], str] = {}

    @classmethod
    def with_links(cls, dashboards: Iterable[str]) -> type["SyncDashboardsOperator"]:
        """The same with a button to each of the first few; Airflow asks the class for those of a mapped task."""
        links: Collection[BaseOperatorLink] = links_to(dashboards)
        return type(cls.__name__, (cls,), {"operator_extra_links": links, "__module__": cls.__module__})

    def execute(self, context: Context) -> list[dict[str, Any]]:
        from watchbill.flows.sync_dashboards import sync_dashboards
        from watchbill.on_airflow.connections import open_cloud, open_ledger

        settings, place = declarations.settings(), Place(*self.place)
        ledger, terms = open_ledger(settings), self._terms(context, settings)
        found = sync_dashboards(
            declarations.dashboards(), {place: open_cloud(place, settings)}, _memory(ledger, settings, context),
            settings.dashboards, terms, only=self.only or (), dry_run=bool(self.plan_only))
        self.urls = {(one.dashboard, place.cloud): one.url for one in found.left()}
        for change in found.changes:
            self.log.info("%s", change)
        if self.plan_only:
            return [change.told() for change in found.changes]
        self._tell(found.left(), ledger, settings)
        if failed := [one for one in found.synced if one.error]:
            raise DashboardError("; ".join(f"{one.dashboard} on {one.place}: {one.error}" for one in failed))
        return [one.to_json() for one in found.synced]

    def _terms(self, context: Context, settings: Settings) -> Any:
        from watchbill.flows.apply_dashboards import Terms

        if self.hand_edits not in SIDES:
            raise WatchbillError(f"hand_edits is {self.hand_edits!r}: write one of {', '.join(SIDES)}")
        prune = settings.dashboards.prune if self.prune is None else int(self.prune)
        run = context["dag_run"]
        return Terms(self.hand_edits, prune, whole=False, author=f"{run.dag_id} {run.run_id}")

    def _tell(self, changes: Sequence[Any], ledger: Any, settings: Settings) -> None:
        """Drift, to whom the routing says."""
        from watchbill.flows.tell_drift import tell_drift
        from watchbill.model.failures import DeclarationError
        from watchbill.on_airflow.delivery import dispatch_now, require_delivery

        try:
            alerting = declarations.alerting()
        except DeclarationError:  # said where the routing is read
            alerting = None
        now = now_utc()
        if tell_drift(changes, ledger, alerting, settings.dashboards.severity, now=now, tick=settings.tick):
            require_delivery(dispatch_now(ledger, now))


def _memory(ledger: Any, settings: Settings, context: Context) -> Any:
    """The task instance, whichever try, is who holds a place."""
    from watchbill.flows.dashboard_memory import Memory

    ti = context["ti"]
    holder = f"{ti.dag_id}/{ti.run_id}/{ti.task_id}/{ti.map_index}"
    return Memory(ledger, holder=holder, clock=now_utc, versions=settings.dashboards.versions)
