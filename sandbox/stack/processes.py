"""Processes that we started: each leads a session of its own, and is ended by its id, never by a name."""

import contextlib
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil


class CannotStart(Exception):
    """One sentence on why the run cannot begin or go on."""


def start(name: str, command: Sequence[str], env: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    """Runs the command in a session of its own; its output goes to `<folder>/logs/<name>.log`."""
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / f"{name}.log").open("ab") as out:
        process = subprocess.Popen(command, env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   start_new_session=True, cwd=folder)
    leaders = _leaders(folder) | {str(process.pid): psutil.Process(process.pid).create_time()}
    _record(folder).write_text(json.dumps(leaders))
    return process


def of_run(folder: Path) -> list[psutil.Process]:
    """Every living process of a run of this folder, also those whose parent was killed.

    A number that leads a session is not given away while the session lives, so members of a session whose
    leader has gone are still ours; a leader with another start time is somebody else's.
    """
    leaders, found = _leaders(folder), []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
            leader = str(os.getsid(process.pid))
            if leader in leaders and _same(int(leader), leaders[leader]):
                found.append(process)
    return found + _postmaster(folder)


def _same(pid: int, created: float) -> bool:
    try:
        return psutil.Process(pid).create_time() == created
    except psutil.NoSuchProcess:
        return True


def _record(folder: Path) -> Path:
    return folder / "processes.json"


def _leaders(folder: Path) -> dict[str, float]:
    try:
        return dict(json.loads(_record(folder).read_text()))
    except (OSError, ValueError):
        return {}


def _postmaster(folder: Path) -> list[psutil.Process]:
    """PostgreSQL leaves our session: its own pid file names it, and its data folder proves it."""
    pid_file = folder / "postgres" / "postmaster.pid"
    try:
        process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
        return [process] if str(folder / "postgres") in process.cmdline() else []
    except (OSError, ValueError, psutil.Error):
        return []


def stop(processes: Iterable[psutil.Process], grace_s: float = 15) -> int:
    """Asks each to end, waits, then ends it. Returns how many there were."""
    asked = list(processes)
    for process in asked:
        with contextlib.suppress(psutil.NoSuchProcess):
            # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for its clients
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _, alive = psutil.wait_procs(asked, timeout=grace_s)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)
    return len(asked)


def memory_bytes(folder: Path) -> int:
    """Proportional set size of all of a run and of ourselves together, so that shared pages count once."""
    total = 0
    for process in [psutil.Process(), *of_run(folder)]:
        with contextlib.suppress(psutil.Error):
            family = [process, *process.children()] if process.name() == "postgres" else [process]
            total += sum(each.memory_full_info().pss for each in family)
    return total


def require_free(ports: Mapping[str, int]) -> None:
    """Raises CannotStart naming the first port that somebody else listens on."""
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise CannotStart(
                    f"port {port} on 127.0.0.1 is taken: end what listens there, or choose another with "
                    f"WATCHBILL_{name.upper()}_PORT={port + 1000}"
                ) from None
