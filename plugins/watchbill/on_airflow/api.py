"""Airflow's own REST API, by a connection of its own: what failed, what succeeded, which DAGs are watched.

The connection (any type, as `http`): host, port and schema of the API server, login and password of a user who may read
all DAGs (the role Viewer will do); or `{"token": …}` in its extra, for who has a token by other means.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

import httpx
from airflow.sdk import Connection, conf
from airflow.sdk.exceptions import AirflowNotFoundException

from watchbill.flows.scan_failures import Seen
from watchbill.model.airflow_failures import SILENT, WATCHED, Failed
from watchbill.model.failures import WatchbillError
from watchbill.model.windows import utc

PAGE = 100  # `maximum_page_limit` is that, unless somebody has set it
TIMEOUT_S = 30.0
OURS = "watchbill"  # the tag of Watchbill's own DAGs
RUN_TYPES = ("scheduled", "manual", "asset_triggered")  # all but backfills


class AirflowUnreachableError(WatchbillError):
    """The API did not answer, or not now: another try may help."""


class AirflowRestApi:
    """flows.scan_failures.AirflowApi over HTTP. Raises WatchbillError."""

    def __init__(self, conn_id: str, connection: Any) -> None:
        self._conn_id, self._connection = conn_id, connection

    @classmethod
    def open(cls, conn_id: str) -> "AirflowRestApi | None":
        """None where there is no such connection."""
        try:
            return cls(conn_id, Connection.get(conn_id))
        except AirflowNotFoundException:
            return None

    def failed_tasks(self, since: datetime, until: datetime, most: int) -> list[Seen]:
        path = "/dags/~/dagRuns/~/taskInstances"
        return [self._task(each) for each in self._pages(path, "task_instances", since, until, most, state="failed")]

    def failed_runs(self, since: datetime, until: datetime, most: int) -> list[Seen]:
        return [Seen(f"{each['dag_id']}/{each['dag_run_id']}/{each['end_date']}",
                     Failed(each["dag_id"], each["dag_run_id"]), _time(each["end_date"]), each["run_type"])
                for each in self._pages("/dags/~/dagRuns", "dag_runs", since, until, most, state="failed")]

    def failed_task_of(self, dag_id: str, run_id: str) -> Failed | None:
        path = f"/dags/{_quoted(dag_id)}/dagRuns/{_quoted(run_id)}/taskInstances"
        found = self._get(path, state="failed", order_by="end_date", limit=1).get("task_instances", [])
        return self._task(found[0]).failed if found else None

    def last_success(self, dag_id: str, since: datetime) -> datetime | None:
        found = self._get(f"/dags/{_quoted(dag_id)}/dagRuns", state="success", run_type=RUN_TYPES,
                          end_date_gte=since.isoformat(), order_by="-end_date", limit=1).get("dag_runs", [])
        return _time(found[0]["end_date"]) if found else None

    def watched(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        while True:
            page = self._get("/dags", tags=(WATCHED, OURS), tags_match_mode="any", order_by="dag_id", limit=PAGE,
                             offset=len(found))
            found |= {each["dag_id"]: tuple(tag["name"] for tag in each["tags"]) for each in page["dags"]}
            if not page["dags"] or len(found) >= page["total_entries"]:
                return found

    def _task(self, each: Mapping[str, Any]) -> Seen:
        run_id = each["dag_run_id"]
        base, mapped = conf.get("api", "base_url", fallback="").rstrip("/"), each["map_index"]
        place = f"tasks/{each['task_id']}" + (f"/mapped/{mapped}" if mapped >= 0 else "")
        log = f"{base}/dags/{each['dag_id']}/runs/{quote(run_id)}/{place}?try_number={each['try_number']}"
        failed = Failed(each["dag_id"], run_id, each["task_id"], each["try_number"], log)
        kind = SILENT if run_id.startswith(f"{SILENT}__") else ""
        return Seen(each["id"], failed, _time(each["end_date"]), kind)

    def _pages(self, path: str, member: str, since: datetime, until: datetime, most: int,
               **asked: Any) -> list[Mapping[str, Any]]:
        """By their end, ascending; `most` at the most."""
        found: list[Mapping[str, Any]] = []
        span = {"end_date_gte": since.isoformat(), "end_date_lte": until.isoformat()}
        while len(found) < most:
            page = self._get(path, **span, **asked, order_by="end_date", limit=PAGE, offset=len(found))
            found += page.get(member, [])
            if not page.get(member) or len(found) >= page["total_entries"]:
                break
        return found[:most]

    @cached_property
    def _base(self) -> str:
        host = str(self._connection.host or "")
        if not host:
            raise WatchbillError(f"the Airflow connection {self._conn_id!r} has no host: name the API server's there")
        if "://" not in host:
            host = f"{self._connection.schema or 'http'}://{host}"
        return f"{host.rstrip('/')}:{self._connection.port}" if self._connection.port else host.rstrip("/")

    @cached_property
    def _http(self) -> httpx.Client:
        """Logged in."""
        http = httpx.Client(timeout=TIMEOUT_S)
        token = self._connection.extra_dejson.get("token")
        if not token:
            user = {"username": self._connection.login, "password": self._connection.password}
            token = self._answer(lambda: http.post(f"{self._base}/auth/token", json=user)).get("access_token")
        http.headers["Authorization"] = f"Bearer {token}"
        return http

    def _get(self, path: str, **asked: Any) -> dict[str, Any]:
        return self._answer(lambda: self._http.get(f"{self._base}/api/v2{path}", params=asked))

    def _answer(self, ask: Any) -> dict[str, Any]:
        try:
            answer: httpx.Response = ask()
        except httpx.HTTPError as error:
            raise AirflowUnreachableError(
                f"Airflow's API at {self._base} did not answer ({type(error).__name__}): is the API server up, and are "
                f"host and port of the Airflow connection {self._conn_id!r} right?") from None
        if answer.status_code in (401, 403):
            raise WatchbillError(f"Airflow's API at {self._base} refused the Airflow connection {self._conn_id!r} "
                                 f"({answer.status_code}): it needs login and password of a user who may read all DAGs")
        if answer.status_code == 404:  # a DAG that is gone
            return {}
        if not answer.is_success:
            raise AirflowUnreachableError(f"Airflow's API at {self._base} answered {answer.status_code}")
        return self._json(answer)

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            found: dict[str, Any] = answer.json()
        except ValueError:
            raise WatchbillError(f"what answers at {self._base} is not Airflow's API: mend host and port of the "
                                 f"Airflow connection {self._conn_id!r}") from None
        return found


def _time(text: str) -> datetime:
    return utc(datetime.fromisoformat(text))


def _quoted(name: str) -> str:
    return quote(name, safe="")
