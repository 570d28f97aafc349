"""What a run starts, in which order, and how it ends: PostgreSQL, the small cloud, Airflow."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from sandbox.life import Life
from sandbox.server import Sandbox
from sandbox.stack import interrupts, processes
from sandbox.stack.airflow import ROOT, AirflowApi, environment
from sandbox.stack.inherited import inherited
from sandbox.stack.ports import PORTS, require_free
from sandbox.stack.postgres import Postgres
from sandbox.stack.processes import CannotStart
from watchbill.alerts.ledger import Ledger

FOLDER = ROOT / ".run"
TICK = timedelta(seconds=60)


class Progress:
    """Plain words on what is going on, each with the seconds since the start."""

    def __init__(self) -> None:
        self.started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def say(self, text: str) -> None:
        interrupts.check()
        self.show(f"[{self.seconds:4.0f} s] {text}")

    def show(self, text: str) -> None:
        try:
            print(text, flush=True)
        except OSError:  # who read us has gone, which is the same as a closed terminal
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            os.kill(os.getpid(), signal.SIGHUP)


class Stack:
    """Everything that runs: PostgreSQL, the sandbox with its input, Airflow."""

    def __init__(self, progress: Progress, folder: Path = FOLDER, ports: Mapping[str, int] = PORTS) -> None:
        self.progress = progress
        self.folder = folder.resolve()
        self.ports = ports
        self.password = secrets.token_urlsafe(9)
        self.env: dict[str, str] = {}
        self.components: dict[str, subprocess.Popen[bytes]] = {}
        self.postgres = Postgres(self.folder)
        self._threads: ExitStack | None = None

    def start(self) -> None:
        """Raises CannotStart with a sentence; whatever was started by then is ended by `stop`."""
        self._clear()
        self.progress.say("Starting PostgreSQL")
        self.components["postgres"] = self.postgres.start()
        self.env = self._environment()
        migration = processes.start("migrate", [_bin("airflow"), "db", "migrate"], self.env, self.folder)
        self.progress.say("Starting the small cloud, with two weeks of history")
        self._start_sandbox()
        self.progress.say("Preparing Airflow's database")
        wait_until(lambda: migration.poll() is not None, within_s=180, what="`airflow db migrate`", alive=self.alive)
        if migration.returncode:
            raise CannotStart(f"Airflow's database could not be prepared: see {self.folder}/logs/migrate.log")
        self._start_airflow()

    def _clear(self) -> None:
        for sign in "$%":
            if sign in f"{ROOT}{self.folder}":
                raise CannotStart(f"Airflow reads the {sign} in {self.folder} as the start of a variable: "
                                  f"move the project to a folder without it")
        runner = processes.runner(self.folder)
        if runner:
            raise CannotStart(f"a run is going on already, as process {runner.pid}: end it by Ctrl-C or `make down`")
        left = processes.end(self.folder)
        if left:
            self.progress.say(f"Ended {left} processes that an earlier run left behind")
        require_free(self.ports)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        processes.claim(self.folder)
        self._threads = ExitStack()

    def _environment(self) -> dict[str, str]:
        ports = self.ports
        ours = {
            "PATH": f"{_bin('')}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONUNBUFFERED": "1",
            "WATCHBILL_INCLUDE": str(ROOT / "include"),
            "WATCHBILL__TICK": f"{TICK.total_seconds():.0f}s",
            "WATCHBILL__SOURCES__CLOUDWATCH__DELAY": "0s",
            "WATCHBILL__SOURCES__DATADOG__DELAY": "0s",
        }
        return inherited(os.environ) | ours | environment(
            self.folder, port=ports["airflow"], postgres=str(self.postgres.socket_folder), password=self.password,
            sandbox=f"http://127.0.0.1:{ports['sandbox']}", aws=f"http://127.0.0.1:{ports['aws']}",
        )

    def _start_sandbox(self) -> None:
        self.sandbox = Sandbox(self.ports["sandbox"], self.ports["aws"])
        self.sandbox.start()
        self._threads.callback(self.sandbox.stop)
        self.life = Life(self.sandbox)
        self.life.start()
        self._threads.callback(self.life.stop)

    def _start_airflow(self) -> None:
        self.api = AirflowApi(f"http://127.0.0.1:{self.ports['airflow']}", self.password)
        self.progress.say("Starting Airflow")
        airflow = _bin("airflow")
        self._component("api-server", airflow, "api-server")
        self._component("dag-processor", airflow, "dag-processor", forks=True)
        self._wait_for_api("/api/v2/monitor/health")
        self._component("scheduler", airflow, "scheduler", "--skip-serve-logs", forks=True)
        self._wait_for_api("/execution/health")  # its first answer takes seconds, which the first tasks would wait
        self.api.log_in()

    def _wait_for_api(self, path: str) -> None:
        wait_until(lambda: self.api.answers(path), within_s=120, what="Airflow's API server to answer",
                   alive=self.alive)

    def _component(self, name: str, *command: str, forks: bool = False) -> None:
        """`forks`: tasks, or readers of DAG files."""
        env = self.env | ({"WATCHBILL_PRELOAD": "1"} if forks else {})
        self.components[name] = processes.start(name, command, env, self.folder)

    def alive(self) -> None:
        """Raises CannotStart when a component has ended."""
        for name, process in self.components.items():
            if process.poll() is not None:
                raise CannotStart(f"the {name} ended: see {self.folder}/logs/{name}.log")

    def ledger(self) -> Ledger:
        return Ledger.open(f"postgresql+psycopg://postgres@/watchbill?host={self.postgres.socket_folder}")

    def stop(self) -> None:
        """Ends every process of this run, by its id, and what runs in threads of this one."""
        if self._threads is None:  # never began: what runs in the folder is somebody else's
            return
        processes.end(self.folder)
        self._threads.close()
        self.postgres.clean()
        self.progress.say("Ended every process of this run")


def _bin(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def wait_until(done: Callable[[], object], *, within_s: float, what: str, alive: Callable[[], None]) -> None:
    """Raises CannotStart when it takes longer."""
    deadline = time.monotonic() + within_s
    while not done():
        interrupts.check()
        alive()
        if time.monotonic() > deadline:
            raise CannotStart(f"waited {within_s:.0f} s in vain for {what}")
        time.sleep(0.5)
