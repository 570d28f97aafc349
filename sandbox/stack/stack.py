"""What a run starts, in which order, and how it ends: PostgreSQL, the small cloud, Airflow."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sandbox.life import Life
from sandbox.server import Sandbox
from sandbox.stack import processes
from sandbox.stack.airflow import ROOT, AirflowApi, environment
from sandbox.stack.postgres import start_postgres
from sandbox.stack.processes import CannotStart
from watchbill.alerts.ledger import Ledger

FOLDER = ROOT / ".run"
TICK = timedelta(seconds=60)
PORTS = {"airflow": 8080, "sandbox": 8090, "aws": 8091}


class Progress:
    """Plain words on what is going on, each with the seconds since the start."""

    def __init__(self) -> None:
        self.started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def say(self, text: str) -> None:
        print(f"[{self.seconds:4.0f} s] {text}", flush=True)


class Stack:
    """Everything that runs: PostgreSQL, the sandbox with its input, Airflow."""

    def __init__(self, progress: Progress, folder: Path = FOLDER) -> None:
        self.progress = progress
        self.folder = folder
        self.ports = {name: int(os.environ.get(f"WATCHBILL_{name.upper()}_PORT", port)) for name, port in PORTS.items()}
        self.password = secrets.token_urlsafe(9)
        self.env: dict[str, str] = {}
        self.components: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Raises CannotStart with a sentence; whatever was started by then is ended by `stop`."""
        self._clear()
        self.progress.say("Starting PostgreSQL")
        self.socket_folder = start_postgres(self.folder)
        self.env = self._environment(self.socket_folder)
        migration = processes.start("migrate", [_bin("airflow"), "db", "migrate"], self.env, self.folder)
        self.progress.say("Starting the small cloud, with two weeks of history")
        self._start_sandbox()
        self.progress.say("Preparing Airflow's database")
        if migration.wait(timeout=180):
            raise CannotStart(f"Airflow's database could not be prepared: see {self.folder}/logs/migrate.log")
        self._start_airflow()

    def _clear(self) -> None:
        left = processes.stop(processes.of_run(self.folder))
        if left:
            self.progress.say(f"Ended {left} processes that an earlier run left behind")
        processes.require_free(self.ports)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)

    def _environment(self, socket_folder: str) -> dict[str, str]:
        ports = self.ports
        ours = {
            "PATH": f"{_bin('')}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONUNBUFFERED": "1",
            "WATCHBILL_INCLUDE": str(ROOT / "include"),
            "WATCHBILL__TICK": f"{TICK.total_seconds():.0f}s",
            "WATCHBILL__SOURCES__CLOUDWATCH__DELAY": "0s",
            "WATCHBILL__SOURCES__DATADOG__DELAY": "0s",
        }
        inherited = {name: value for name, value in os.environ.items()
                     if not name.startswith(("AIRFLOW_", "WATCHBILL_", "AWS_", "DD_", "PYTHONDONTWRITE"))}
        return inherited | ours | environment(
            self.folder, port=ports["airflow"], postgres=socket_folder, password=self.password,
            sandbox=f"http://127.0.0.1:{ports['sandbox']}", aws=f"http://127.0.0.1:{ports['aws']}",
        )

    def _start_sandbox(self) -> None:
        self.sandbox = Sandbox(self.ports["sandbox"], self.ports["aws"])
        self.sandbox.start()
        self.life = Life(self.sandbox)
        self.life.start()

    def _start_airflow(self) -> None:
        self.api = AirflowApi(f"http://127.0.0.1:{self.ports['airflow']}", self.password)
        self.progress.say("Starting Airflow")
        airflow = _bin("airflow")
        self._component("api-server", airflow, "api-server")
        self._component("dag-processor", airflow, "dag-processor")
        wait_until(self.api.healthy, within_s=120, what="Airflow's API server to answer", alive=self.alive)
        self._component("scheduler", airflow, "scheduler", "--skip-serve-logs")
        self.api.log_in()

    def _component(self, name: str, *command: str) -> None:
        self.components[name] = processes.start(name, command, self.env, self.folder)

    def alive(self) -> None:
        """Raises CannotStart when a component of Airflow has ended."""
        for name, process in self.components.items():
            if process.poll() is not None:
                raise CannotStart(f"Airflow's {name} ended: see {self.folder}/logs/{name}.log")

    def ledger(self) -> Ledger:
        return Ledger.open(f"postgresql+psycopg://postgres@/watchbill?host={self.socket_folder}")

    def stop(self) -> None:
        """Ends every process of this run, by its id."""
        processes.stop(processes.of_run(self.folder))


def _bin(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def wait_until(done: Callable[[], object], *, within_s: float, what: str, alive: Callable[[], None]) -> None:
    """Raises CannotStart when it takes longer."""
    deadline = time.monotonic() + within_s
    while not done():
        alive()
        if time.monotonic() > deadline:
            raise CannotStart(f"waited {within_s:.0f} s in vain for {what}")
        time.sleep(0.5)
