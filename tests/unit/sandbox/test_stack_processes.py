"""Processes of a run are found and ended by their ids, whatever became of their parents, and no others."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.stack import processes
from sandbox.stack.run import down
from tests.stack_parts import alive_in, run_python

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
WITH_CHILD = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
time.sleep(600)
"""
RUN = f"""
import os, sys, time
from pathlib import Path
from sandbox.stack import processes
processes.claim(Path(sys.argv[1]))
processes.start("component", [sys.executable, "-c", {WITH_CHILD!r}], os.environ, Path(sys.argv[1]))
print("started")
time.sleep(600)
"""


def wait_for(done: Callable[[], object], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for process in processes.of_run(tmp_path):
        process.kill()


@pytest.fixture
def killed_run(folder: Path) -> list[int]:
    """A run that was killed: its component lives on, with a child. Their ids."""
    run = run_python(RUN, folder)
    assert run.stdout.readline() == "started\n"
    wait_for(lambda: len(processes.of_run(folder)) == 2)
    run.kill()
    run.wait()
    return [process.pid for process in processes.of_run(folder)]


def test_what_a_killed_run_left_is_found_by_its_ids_and_ended(folder: Path, killed_run: list[int]):
    assert len(killed_run) == 2
    assert processes.end(folder) == 2
    assert processes.of_run(folder) == []
    assert alive_in(folder) == []


def test_a_grandchild_is_found_when_its_parent_was_killed_as_well(folder: Path, killed_run: list[int]):
    leader = json.loads((folder / "processes.json").read_text())[0]["pid"]
    os.kill(leader, signal.SIGKILL)
    wait_for(lambda: len(processes.of_run(folder)) == 1)
    assert processes.end(folder) == 1
    assert alive_in(folder) == []


def test_down_ends_what_a_killed_run_left(folder: Path, killed_run: list[int], capsys: pytest.CaptureFixture[str]):
    assert down(folder) == 0
    assert capsys.readouterr().out == "Ended 2 processes of an earlier run\n"
    assert alive_in(folder) == []


def test_down_with_nothing_there_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert down(tmp_path / "never") == 0
    assert capsys.readouterr().out == "Nothing of an earlier run is left\n"


def record(folder: Path, pid: int, created: float) -> None:
    for name, written in (("processes.json", [{"name": "x", "pid": pid, "created": created}]),
                          ("runner.json", {"name": "x", "pid": pid, "created": created})):
        (folder / name).write_text(json.dumps(written))


def test_a_stranger_with_a_recorded_number_is_never_touched(folder: Path):
    with subprocess.Popen(SLEEP, start_new_session=True) as stranger:
        try:
            record(folder, stranger.pid, psutil.Process(stranger.pid).create_time() - 3600)
            assert processes.of_run(folder) == []
            assert processes.runner(folder) is None
            assert processes.end(folder) == 0
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_stranger_in_a_session_whose_leader_of_a_recorded_number_has_gone_is_never_touched(
        folder: Path, tmp_path_factory: pytest.TempPathFactory):
    code = f"import subprocess; print(subprocess.Popen({SLEEP!r}, stdout=-3).pid)"
    with run_python(code, start_new_session=True, cwd=tmp_path_factory.mktemp("elsewhere")) as leader:
        stranger = psutil.Process(int(leader.stdout.readline()))
        try:
            leader.wait()
            assert os.getsid(stranger.pid) == leader.pid
            record(folder, leader.pid, stranger.create_time() - 3600)
            assert processes.end(folder) == 0
            assert stranger.is_running()
        finally:
            stranger.kill()


def test_a_record_that_is_no_record_is_of_no_run(folder: Path):
    for text in ("", "{", "[1]", '{"1": 2}', '[{"pid": 1}]'):
        (folder / "processes.json").write_text(text)
        (folder / "runner.json").write_text(text)
        assert processes.of_run(folder) == []
        assert processes.runner(folder) is None


def test_who_does_not_hear_is_ended_all_the_same(folder: Path):
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(600)"
    deaf = processes.start("deaf", [sys.executable, "-u", "-c", code], os.environ, folder, grace_s=0.2)
    wait_for(lambda: (folder / "logs" / "deaf.log").read_text() == "deaf\n")
    assert processes.end(folder) == 1
    assert deaf.wait(timeout=1) == -signal.SIGKILL


def test_the_last_started_is_the_first_to_end(folder: Path):
    code = ("import os, signal, sys, time\n"
            "signal.signal(signal.SIGTERM, lambda *_: (print(time.monotonic(), flush=True), os._exit(0)))\n"
            "print('up', flush=True)\ntime.sleep(600)")
    names = ("first", "second", "third")
    for name in names:
        processes.start(name, [sys.executable, "-c", code], os.environ, folder)
    logs = [folder / "logs" / f"{name}.log" for name in names]
    wait_for(lambda: all(log.read_text() == "up\n" for log in logs))
    assert processes.end(folder) == 3
    ended = [float(log.read_text().split()[1]) for log in logs]
    assert ended == sorted(ended, reverse=True)


def test_one_that_has_ended_and_was_never_asked_for_its_exit_code_is_not_waited_for(folder: Path):
    done = processes.start("done", [sys.executable, "-c", ""], os.environ, folder, grace_s=30)
    wait_for(lambda: psutil.Process(done.pid).status() == psutil.STATUS_ZOMBIE)
    before = time.monotonic()
    assert processes.end(folder) == 0
    assert time.monotonic() - before < 20
    done.wait()
