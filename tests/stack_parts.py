"""For tests of a run: its ports and folder, runs in a process of their own, and what is left of one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]


def free_ports() -> dict[str, int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        return dict(zip(("airflow", "sandbox", "aws"), (probe.getsockname()[1] for probe in probes), strict=True))


def run_python(code: str, *arguments: object, **options: object) -> "subprocess.Popen[str]":
    """`code` in a Python of its own that finds the project's packages."""
    environ = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'plugins'}", "PYTHONUNBUFFERED": "1"}
    options = {"preexec_fn": _as_from_a_terminal, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True,
               "env": environ | options.pop("env", {})} | options
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], **options)


def _as_from_a_terminal() -> None:
    """The signals that whoever runs the tests ignores, as `nohup` does and a shell's `&`, count here."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_DFL)


def alive_in(folder: Path) -> list[str]:
    """Every process on the machine that works in the folder or was told of it."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and process.pid != os.getpid() and (
                    process.cwd().startswith(str(folder)) or str(folder) in " ".join(process.cmdline())):
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
    return found
