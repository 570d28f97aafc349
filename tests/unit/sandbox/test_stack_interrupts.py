"""A signal is taken note of, and heard where the run asks."""

import subprocess

import pytest

from tests.stack_parts import run_python

LISTENING = """
import os, signal, sys, time
from sandbox.stack import interrupts
def send(*names):
    for name in names:
        os.kill(os.getpid(), getattr(signal, name))
"""


def said(code: str, **options: object) -> str:
    with run_python(LISTENING + code, **options) as run:
        return run.communicate(timeout=60)[0]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_is_heard_at_the_next_look_also_out_of_a_destructor(name: str):
    assert said(f"""
class Lost:
    def __del__(self):
        send("{name}")
interrupts.listen()
interrupts.check()
Lost()
print("goes on")
try:
    interrupts.check()
except KeyboardInterrupt:
    print("heard")
""") == "goes on\nheard\n"


def test_several_at_once_are_one_and_none_is_heard_while_things_end():
    assert said("""
interrupts.listen()
send("SIGINT", "SIGTERM", "SIGHUP")
try:
    interrupts.check()
except KeyboardInterrupt:
    interrupts.ignore()
    send("SIGINT", "SIGTERM", "SIGHUP")
    interrupts.check()
    print("ended")
""") == "ended\n"


def test_one_that_nobody_asked_for_is_heard_at_once_when_it_comes_again():
    assert said("""
interrupts.listen()
interrupts.ONE_S = 0.1
send("SIGINT")
time.sleep(0.2)
try:
    send("SIGINT")
    print("never")
except KeyboardInterrupt:
    print("heard")
""") == "heard\n"


def test_what_nohup_ignores_stays_ignored():
    assert said("""
signal.signal(signal.SIGHUP, signal.SIG_IGN)
interrupts.listen()
send("SIGHUP")
interrupts.check()
print("goes on")
""") == "goes on\n"


def test_a_pipe_that_nobody_reads_any_more_is_a_signal_too():
    code = LISTENING + """
interrupts.listen()
print("up", flush=True)
try:
    while True:
        interrupts.check()
        time.sleep(0.01)
except KeyboardInterrupt:
    sys.stderr.write("heard")
"""
    with run_python(code, stderr=subprocess.PIPE) as run:
        assert run.stdout.readline() == "up\n"
        run.stdout.close()
        assert run.stderr.read() == "heard"
        assert run.wait(timeout=30) == 0
