"""However a run ends while it starts, it ends whole: by a signal, a closed terminal or pipe, a taken port."""

import fcntl
import os
import pty
import re
import signal
import socket
import subprocess
import termios
import time
from pathlib import Path

import pytest

from sandbox.stack.ports import variable
from sandbox.stack.processes import CannotStart
from sandbox.stack.run import down
from sandbox.stack.stack import Progress, Stack
from tests.stack_parts import alive_in, free_ports, run_python

RUN = """
import sys
from pathlib import Path
from sandbox.stack.run import run
sys.exit(run(once=sys.argv[2] == "once", folder=Path(sys.argv[1])))
"""
pytestmark = pytest.mark.server


def start(folder: Path, mode: str = "once", ports: dict[str, int] | None = None, **options: object) -> subprocess.Popen:
    ports = ports or free_ports()
    return run_python(RUN, folder, mode, env={variable(name): str(port) for name, port in ports.items()}, **options)


def read_until(run: subprocess.Popen, words: str) -> str:
    said = ""
    while words not in said:
        line = run.stdout.readline()
        assert line, said
        said += line
    return said


@pytest.mark.parametrize("component", ["airflow", "sandbox", "aws"])
def test_a_taken_port_ends_the_run_with_one_sentence(tmp_path: Path, component: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start(tmp_path / "run", ports=free_ports() | {component: port}) as run:
            said = run.communicate(timeout=60)[0]
    assert run.returncode == 1
    assert said.count("\n") == 1
    assert f"port {port} on 127.0.0.1 is taken" in said
    assert f"{variable(component)}=" in said
    assert alive_in(tmp_path) == []


def test_a_port_that_is_none_ends_the_run_with_one_sentence(tmp_path: Path):
    with run_python(RUN, tmp_path, "once", env={"WATCHBILL_AWS_PORT": "aws"}) as run:
        said = run.communicate(timeout=60)[0]
    assert run.returncode == 1
    assert said.endswith("FAILED: WATCHBILL_AWS_PORT is 'aws': write a port from 1 to 65535\n")


@pytest.mark.parametrize("sign", ["$", "%"])
def test_a_folder_that_airflow_cannot_name_is_refused_with_one_sentence(tmp_path: Path, sign: str):
    folder = tmp_path / f"a{sign}b"
    with pytest.raises(CannotStart, match=rf"^Airflow reads the \{sign} in .* move the project to a folder without it"):
        Stack(Progress(), folder, free_ports()).start()
    assert not folder.exists()


@pytest.mark.parametrize(("name", "mode", "code"), [
    (signal.SIGINT, "once", 130), (signal.SIGTERM, "run", 0), (signal.SIGHUP, "run", 0)])
def test_a_signal_while_it_starts_ends_all_of_it(tmp_path: Path, name: signal.Signals, mode: str, code: int):
    with start(tmp_path, mode) as run:
        read_until(run, "Starting the small cloud")
        assert any("postgres" in process for process in alive_in(tmp_path))
        run.send_signal(name)
        said = run.communicate(timeout=30)[0]
    assert run.returncode == code, said
    assert re.sub(r"\[ *\d+ s\] ", "", said).splitlines() == ["Stopping", "Ended every process of this run"]
    assert alive_in(tmp_path) == []


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.3, 1.0])
def test_ctrl_c_at_any_moment_leaves_nothing(tmp_path: Path, after_s: float):
    with start(tmp_path, start_new_session=True) as run:
        read_until(run, "Starting PostgreSQL")
        time.sleep(after_s)
        os.killpg(run.pid, signal.SIGINT)  # a terminal tells all of the group: initdb too
        run.send_signal(signal.SIGTERM)
        said = run.communicate(timeout=30)[0]
    assert run.returncode == 130, said
    assert "FAILED" not in said
    assert alive_in(tmp_path) == []


LEADER = """
import signal, subprocess, sys
signal.signal(signal.SIGHUP, lambda *_: None)  # as make does, it waits for its child
sys.exit(subprocess.call([sys.executable, "-c", *sys.argv[1:]]))
"""


def test_a_closed_terminal_ends_all_of_it(tmp_path: Path):
    ours, theirs = pty.openpty()
    ports = {variable(name): str(port) for name, port in free_ports().items()}
    with run_python(LEADER, RUN, tmp_path, "once", env=ports, stdin=theirs, stdout=theirs, stderr=theirs,
                    start_new_session=True, preexec_fn=_take_the_terminal) as run:
        os.close(theirs)
        said = b""
        while b"small cloud" not in said:
            said += os.read(ours, 1000)
        os.close(ours)
        assert run.wait(timeout=30) == 130
    assert alive_in(tmp_path) == []


def _take_the_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_a_closed_pipe_ends_all_of_it(tmp_path: Path):
    with start(tmp_path, stderr=subprocess.PIPE) as run:
        read_until(run, "Starting PostgreSQL")
        run.stdout.close()
        assert run.wait(timeout=60) == 130
        assert run.stderr.read() == ""
    assert alive_in(tmp_path) == []


def test_a_second_run_is_refused_and_leaves_the_first_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with start(tmp_path, "run") as first:
        read_until(first, "Starting the small cloud")
        with start(tmp_path) as second:
            said = second.communicate(timeout=60)[0]
        assert second.returncode == 1
        assert said.endswith(f"FAILED: a run is going on already, as process {first.pid}: end it by Ctrl-C or "
                             "`make down`\n")
        assert first.poll() is None
        assert any("postgres" in process for process in alive_in(tmp_path))
        assert down(tmp_path) == 0
        assert capsys.readouterr().out == f"Ended the run of process {first.pid}\n"
        assert first.wait(timeout=5) == 0
    assert alive_in(tmp_path) == []


def test_the_next_start_ends_what_a_killed_run_left(tmp_path: Path):
    with start(tmp_path) as killed:
        read_until(killed, "Starting the small cloud")
        killed.kill()
    left = {process.split()[0] for process in alive_in(tmp_path)}
    assert left
    with start(tmp_path) as run:
        said = read_until(run, "Starting PostgreSQL")
        assert not left & {process.split()[0] for process in alive_in(tmp_path)}
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=30)
    assert "processes that an earlier run left behind" in said
    assert alive_in(tmp_path) == []
