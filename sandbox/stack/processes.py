"""Processes that we started: each leads a session of its own, and is ended by its id, never by a name."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

GRACE_S = 1.5  # the scheduler waits for its tasks, the API server for its garbage collector; neither has to


class CannotStart(Exception):
    """One sentence on why the run cannot begin or go on."""


@dataclass(frozen=True)
class Leader:
    """The first process of a session; its start time tells it from another one of the same number."""

    name: str
    pid: int
    created: float
    grace_s: float = GRACE_S  # how long its session may take to end by itself

    def lives(self) -> bool | None:
        """None when there is no process of that number."""
        try:
            # A clock that was set moves all start times a little.
            return abs(psutil.Process(self.pid).create_time() - self.created) < 1
        except psutil.NoSuchProcess:
            return None


def start(name: str, command: Sequence[str], env: Mapping[str, str], folder: Path, *,
          user: str | None = None, grace_s: float = GRACE_S) -> subprocess.Popen[bytes]:
    """Runs the command in a session of its own; its output goes to `<folder>/logs/<name>.log`."""
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    other_user = {"user": user, "group": user, "extra_groups": []} if user else {}
    with (logs / f"{name}.log").open("ab") as out:
        process = subprocess.Popen(command, env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   start_new_session=True, cwd=folder, **other_user)
        created = psutil.Process(process.pid).create_time()
        _write(folder, [*_leaders(folder), Leader(name, process.pid, created, grace_s)])
    return process


def of_run(folder: Path) -> list[psutil.Process]:
    """Every living process of a run of this folder, also those whose parent was killed."""
    return [process for _, session in _sessions(folder) for process in session]


def _sessions(folder: Path) -> list[tuple[Leader, list[psutil.Process]]]:
    """The living processes of a run of this folder, session by session, the last started first."""
    leaders = {leader.pid: leader for leader in reversed(_leaders(folder))}
    found: dict[int, list[psutil.Process]] = {pid: [] for pid in leaders}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
            leader = leaders.get(os.getsid(process.pid))
            if leader and _is_of(leader, process, folder) and running(process):
                found[leader.pid].append(process)
    return [(leaders[pid], session) for pid, session in found.items() if session]


def _is_of(leader: Leader, process: psutil.Process, folder: Path) -> bool:
    """Where the leader has gone, its number may lead a stranger's session by now: ours work in our folder."""
    lives = leader.lives()
    return Path(process.cwd()) == folder.resolve() if lives is None else lives


def _record(folder: Path) -> Path:
    return folder / "processes.json"


def _leaders(folder: Path) -> list[Leader]:
    try:
        return [Leader(**each) for each in json.loads(_record(folder).read_text())]
    except (OSError, ValueError, TypeError):
        return []


def _write(folder: Path, leaders: Iterable[Leader]) -> None:
    beside = _record(folder).with_suffix(".new")
    beside.write_text(json.dumps([asdict(leader) for leader in leaders]))
    beside.replace(_record(folder))


def end(folder: Path) -> int:
    """Ends every process of a run of this folder, in the reverse order of their start. How many there were.

    In this order each can still say good-bye to those it depends on.
    """
    ended = set()
    for _ in range(3):  # what was just being started when we looked, is found by looking again
        for leader, session in _sessions(folder):
            ended |= {process.pid for process in session}
            stop(session, leader.grace_s)
    _record(folder).unlink(missing_ok=True)
    return len(ended)


def stop(processes: Sequence[psutil.Process], grace_s: float) -> None:
    """Asks each to end, waits, then ends it."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for its clients
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    for process in _wait(processes, grace_s):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _wait(processes, 5)


def _wait(processes: Iterable[psutil.Process], within_s: float) -> list[psutil.Process]:
    """Those that still run after that time."""
    deadline = time.monotonic() + within_s
    while (left := [process for process in processes if running(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def running(process: psutil.Process) -> bool:
    """A zombie has ended, and may stay for good where nobody asks for its exit code."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def memory_bytes(folder: Path) -> int:
    """Proportional set size of all of a run and of ourselves together, so that shared pages count once."""
    total = 0
    for process in [psutil.Process(), *of_run(folder)]:
        with contextlib.suppress(psutil.Error):
            family = [process, *process.children()] if process.name() == "postgres" else [process]
            total += sum(each.memory_full_info().pss for each in family)
    return total


def claim(folder: Path) -> None:
    """Writes down that this process runs the folder."""
    mine = psutil.Process()
    _claim(folder).write_text(json.dumps(asdict(Leader("runner", mine.pid, mine.create_time()))))


def runner(folder: Path) -> psutil.Process | None:
    """Who runs the folder now, if that is somebody else."""
    try:
        claimed = Leader(**json.loads(_claim(folder).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    process = psutil.Process(claimed.pid) if claimed.lives() and claimed.pid != os.getpid() else None
    return process if process and running(process) else None


def _claim(folder: Path) -> Path:
    return folder / "runner.json"
