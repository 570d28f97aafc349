"""Prometheus, judging the rules of benchmarks/rules.py over the same values, with its own storage and its own clock."""

import atexit
import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks.benchmark import Size, Work

_STEP_S = 300
_POINTS = 8  # of each series; rules look at the last three
_EVERY = "1s"  # a judgement that takes longer is followed by the next at once
_MOST_S = 300  # for one judgement
_LAST = re.compile(r"^prometheus_rule_group_last_evaluation_timestamp_seconds\{.*\} (\S+)$", re.MULTILINE)


def write_blocks(folder: Path, size: Size, value: Callable[[int, int], float]) -> None:
    """Its own blocks, up to a minute ago: what it judges must be older than what it writes."""
    last, text = time.time() - 60, folder / "values.txt"
    with text.open("w") as lines:
        lines.write("# TYPE cpu gauge\n")
        for series in range(size["series"]):
            lines.writelines(f'cpu{{host="web-{series:06}"}} {value(series, 5)} {last - back * _STEP_S:.3f}\n'
                             for back in range(_POINTS, -1, -1))
        lines.write("# EOF\n")
    subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder / "blocks")],
                   check=True, stdout=subprocess.DEVNULL)
    text.unlink()


def work(given: Path, folder: Path, size: Size, alerts: int) -> Work:
    """One turn is one judgement of all rules, from the end of one to the end of the next."""
    subprocess.run(["cp", "-r", str(given / "blocks"), str(folder / "data")], check=True)
    _declare(folder, size)
    running, address = _start(folder)
    judgements = 1 if size["series"] > 1000 else 5  # of a few series one takes less time than can be measured

    def turn(number: int) -> int:
        for _ in range(2 if number == 0 else judgements):  # the first one makes the series of the alerts
            _await_judgement(address)
        return size["rules"] * size["series"]

    def outcome() -> str:
        firing = _firing(address)
        running.terminate()
        running.wait()
        if firing != alerts:
            raise ValueError(f"{firing} alerts fire, not {alerts}")
        return "every alert as expected"

    return Work(turn, 1, outcome, facts=lambda: {"alerts": f"{alerts:,}", "server CPU ms": "-"}, servers=[running.pid],
                is_driver=True)


def _declare(folder: Path, size: Size) -> None:
    rules = [{"alert": f"Rule{number}", "expr": f"avg_over_time(cpu[15m]) > {10 + number}",
              "labels": {"severity": "warning"},
              "annotations": {"summary": "{{ $labels.host }} is at {{ $value | humanize }}"}}
             for number in range(size["rules"])]
    (folder / "rules.json").write_text(json.dumps({"groups": [{"name": "hosts", "interval": _EVERY, "rules": rules}]}))
    (folder / "prometheus.json").write_text(json.dumps({"rule_files": ["rules.json"]}))  # JSON is YAML


def _start(folder: Path) -> "tuple[subprocess.Popen[bytes], str]":
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            ["prometheus", f"--config.file={folder / 'prometheus.json'}", f"--storage.tsdb.path={folder / 'data'}",
             f"--web.listen-address={address}"], stderr=log, stdout=log)
    atexit.register(running.kill)  # also where a judgement never comes
    return running, address


def _await_judgement(address: str) -> None:
    """Until the next judgement has ended."""
    first, until = None, time.monotonic() + _MOST_S
    while time.monotonic() < until:
        ended = _LAST.search(_get(address, "/metrics"))
        if ended and float(ended[1]) > 0:
            first = first or ended[1]
            if ended[1] != first:
                return
        time.sleep(0.5)
    raise TimeoutError(f"Prometheus did not judge within {_MOST_S} s")


def _firing(address: str) -> int:
    found = json.loads(_get(address, "/api/v1/query?query=count(ALERTS%7Balertstate%3D%22firing%22%7D)"))
    return int(found["data"]["result"][0]["value"][1])


def _get(address: str, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=60) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, ConnectionError):  # it is starting
        return ""
