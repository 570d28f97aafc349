"""include/watchbill.yaml: the few settings that are not a metric, a rule, a route or a dashboard."""

from datetime import timedelta
from typing import Literal

from watchbill.model.declared import Declared, Duration
from watchbill.model.series import Source


class LakeSettings(Declared):
    url: str = "lake"  # a folder, relative to AIRFLOW_HOME, or s3://bucket/prefix
    connection: str = "aws_default"  # for s3:// only


class SourceSettings(Declared):
    delay: Duration  # points settle only so long after their time; rules judge that much earlier


class Settings(Declared):
    tick: Duration = timedelta(minutes=5)
    lake: LakeSettings = LakeSettings()
    ledger: str = "watchbill_ledger"  # an Airflow connection: PostgreSQL, or SQLite for the smallest set-ups
    sources: dict[Source, SourceSettings] = {
        "cloudwatch": SourceSettings(delay="120s"),  # type: ignore[arg-type]
        "datadog": SourceSettings(delay="0s"),  # type: ignore[arg-type]
    }
    dashboards: dict[Literal["cloudwatch", "datadog"], str] = {
        "cloudwatch": "aws_default", "datadog": "datadog_default",
    }  # the Airflow connections that dashboards are kept on
    links: str = ""  # where people reach Airflow, for links in messages; Airflow's own base_url where empty
