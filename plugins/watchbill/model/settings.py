"""include/watchbill.yaml: the few settings that are not a metric, a rule, a route or a dashboard."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from watchbill.model.alerts import Severity
from watchbill.model.declared import Declared, Duration
from watchbill.model.metrics import Downsample, Retention
from watchbill.model.series import CONNECTIONS, Source

DELAYS: dict[Source, timedelta] = {"cloudwatch": timedelta(seconds=120), "datadog": timedelta(0)}


class LakeSettings(Declared):
    url: str = "lake"  # a folder, relative to AIRFLOW_HOME, or s3://bucket/prefix
    connection: str = "aws_default"  # for s3:// only
    retention: Retention | None = None  # whole days that ended longer ago go; None keeps all
    downsample: Downsample | None = None  # of metrics that do not say it themselves


class SourceSettings(Declared):
    delay: Duration | None = None  # points settle only so long after their time; rules judge that much earlier
    budget: float | None = Field(default=None, gt=0, allow_inf_nan=False)  # dollars a UTC day; None: no limit


class WatchSettings(Declared):
    dags: Literal["declared", "all"] = "declared"  # whose failures are told: of those that say watch(dag), or of all
    severity: Severity = "error"  # of those that do not say it themselves
    connection: str = "airflow_api_default"  # Airflow's own REST API, where failures are looked for


class DeadManSettings(Declared):
    intervals: int = Field(default=3, ge=2, le=1000)  # so many without an evaluation or a collection are too many
    severity: Severity = "critical"
    receiver: str = ""  # of alerting.yaml, told directly where the ledger is away; the root route's where empty


class HeartbeatSettings(Declared):
    topic_arn: str = Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$")  # what the alarm tells
    connection: str = "aws_default"
    # Names metric and alarm in the account. A pattern that counts to 200 would take 80 ms to compile.
    deployment: str = Field(default="watchbill", pattern=r"^[\w.-]+$", max_length=200)


class DashboardSettings(Declared):
    cloudwatch: str = CONNECTIONS["cloudwatch"]  # the connection of dashboards that name none
    datadog: str = CONNECTIONS["datadog"]
    # Whose they are, in their names and descriptions. Deployments that share an account need different ones.
    owner: str = Field(default="watchbill", pattern=r"^[A-Za-z0-9_]{1,30}$")
    prune: int = Field(default=5, ge=0)  # so many that are declared no more go in one sync; more have to be confirmed
    versions: int = Field(default=20, ge=1, le=1000)  # of each that are kept for a rollback
    severity: Severity = "warning"  # of the alert on an edit by hand

    def connection(self, cloud: Source) -> str:
        return self.cloudwatch if cloud == "cloudwatch" else self.datadog


def _keeps_a_week(retention: timedelta) -> timedelta:
    if retention < timedelta(days=7):
        raise ValueError("what was told is needed to tell it once: keep at least 7d")
    return retention


class Settings(Declared):
    tick: Duration = timedelta(minutes=5)
    lake: LakeSettings = LakeSettings()
    ledger: str = "watchbill_ledger"  # an Airflow connection: PostgreSQL, or SQLite for the smallest set-ups
    ledger_retention: Annotated[Duration, AfterValidator(_keeps_a_week)] = timedelta(days=90)  # of what is over
    sources: dict[Source, SourceSettings] = Field(default_factory=dict)
    pool: str = "default_pool"  # the Airflow pool of the tasks that ask the sources
    watch: WatchSettings = WatchSettings()
    dead_man: DeadManSettings = DeadManSettings()
    heartbeat: HeartbeatSettings | None = None  # None: no metric is put, and no alarm declared
    dashboards: DashboardSettings = DashboardSettings()

    def delay(self, source: Source) -> timedelta:
        """How long points of the source take to settle; CloudWatch's come late by its nature."""
        declared = self.sources.get(source)
        return DELAYS[source] if declared is None or declared.delay is None else declared.delay

    def budget(self, source: Source) -> float | None:
        """Dollars that a UTC day's collection may cost; a source whose calls are free needs none."""
        declared = self.sources.get(source)
        return declared.budget if declared else None
