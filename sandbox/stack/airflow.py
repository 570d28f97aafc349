"""Airflow for one machine: its environment, its components, and a small client of its API."""

import json
import secrets
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import httpx

from sandbox import credentials
from sandbox.stack import interrupts
from sandbox.stack.processes import CannotStart

ROOT = Path(__file__).resolve().parents[2]
USER = "admin"


def environment(folder: Path, *, port: int, postgres: str, sandbox: str, aws: str, password: str) -> dict[str, str]:
    """AIRFLOW__… and AIRFLOW_CONN_…: two cores carry it, and nothing but loopback is listened on.

    `postgres` is the folder of the server's Unix socket; `sandbox` and `aws` are URLs.
    """
    home = folder / "airflow"
    home.mkdir(parents=True, exist_ok=True)
    passwords = home / "passwords.json"
    passwords.touch(mode=0o600)
    passwords.write_text(json.dumps({USER: password}))
    url = f"http://127.0.0.1:{port}"
    options = {
        "CORE": {
            "DAGS_FOLDER": ROOT / "dags", "PLUGINS_FOLDER": ROOT / "plugins", "LOAD_EXAMPLES": False,
            "EXECUTOR": "LocalExecutor", "PARALLELISM": 8, "DAGS_ARE_PAUSED_AT_CREATION": False,
            # Two first runs that end at once both write which asset is whose: Airflow 3.3 then fails one of them.
            "MAX_ACTIVE_RUNS_PER_DAG": 1,
            "EXECUTION_API_SERVER_URL": f"{url}/execution/",
            "FERNET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin", "SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": passwords,
            "HOSTNAME_CALLABLE": "socket.gethostname", "SENSITIVE_VAR_CONN_NAMES": "app_key",
        },
        "DATABASE": {"SQL_ALCHEMY_CONN": f"postgresql+psycopg2://postgres@/airflow?host={postgres}"},
        "API": {"HOST": "127.0.0.1", "PORT": port, "WORKERS": 1, "BASE_URL": url, "SECRET_KEY": secrets.token_hex(16)},
        "API_AUTH": {"JWT_SECRET": secrets.token_hex(32)},
        "SCHEDULER": {"SCHEDULER_IDLE_SLEEP_TIME": 0.2},
        "DAG_PROCESSOR": {"PARSING_PROCESSES": 1, "MIN_FILE_PROCESS_INTERVAL": 60},
        "USAGE_DATA_COLLECTION": {"ENABLED": False},
    }
    env = {f"AIRFLOW__{section}__{key}": str(value) for section, keys in options.items() for key, value in keys.items()}
    own = {"conn_type": "http", "host": "127.0.0.1", "port": port, "login": USER, "password": password}
    return env | {"AIRFLOW_HOME": str(home), "AIRFLOW_CONN_AIRFLOW_API_DEFAULT": json.dumps(own)} | connections(
        postgres, sandbox, aws)


def connections(postgres: str, sandbox: str, aws: str) -> dict[str, str]:
    """The Airflow connections that the real clouds would replace, and nothing else."""
    endpoints = {service: {"endpoint_url": aws} for service in ("sns", "sesv2", "s3", "sts")}
    endpoints |= {service: {"endpoint_url": f"{sandbox}/{service}"}
                  for service in ("cloudwatch", "resourcegroupstaggingapi")}
    declared: dict[str, dict[str, Any]] = {
        "watchbill_ledger": {"conn_type": "postgres", "host": postgres, "login": "postgres", "schema": "watchbill"},
        "aws_default": {
            "conn_type": "aws", "login": credentials.AWS_ACCESS_KEY_ID,
            "password": credentials.AWS_SECRET_ACCESS_KEY,
            "extra": {
                "region_name": credentials.AWS_REGION, "from_email": credentials.SES_SENDER,
                "service_config": endpoints,
            },
        },
        "datadog_default": {
            "conn_type": "datadog", "host": f"{sandbox}/datadog", "password": credentials.DATADOG_API_KEY,
            "extra": {"app_key": credentials.DATADOG_APPLICATION_KEY, "site": "datadoghq.com"},
        },
        "slack_api_default": {
            "conn_type": "slack", "password": credentials.SLACK_BOT_TOKEN,
            "extra": {"base_url": f"{sandbox}/slack/api/"},
        },
    }
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in declared.items()}


class AirflowApi:
    """The few calls of Airflow's REST API that the run needs."""

    def __init__(self, url: str, password: str) -> None:
        self.url = url
        self._password = password
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def answers(self, path: str) -> bool:
        try:
            return self._http.get(path).status_code == 200
        except httpx.HTTPError:
            return False

    def log_in(self) -> None:
        answer = self._http.post("/auth/token", json={"username": USER, "password": self._password})
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = self._http.get(f"/api/v2{path}", params=params)
        answer.raise_for_status()
        return answer.json()

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Starts a run by hand, as the Trigger button does. Returns its id."""
        body = {"logical_date": None, "conf": conf or {}}
        return str(self.post(f"/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._http.post(f"/api/v2{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def runs(self, dag_id: str = "~") -> list[dict[str, Any]]:
        return list(self.get(f"/dags/{dag_id}/dagRuns", limit=200)["dag_runs"])

    def wait_for_run(self, dag_id: str, run_id: str, *, within_s: float) -> str:
        """The state in which the run ended. Raises CannotStart when it has not."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            interrupts.check()
            state = self.get(f"/dags/{dag_id}/dagRuns/{run_id}")["state"]
            if state in ("success", "failed"):
                return str(state)
            time.sleep(1)
        raise CannotStart(f"{dag_id} did not end within {within_s:.0f} s")
