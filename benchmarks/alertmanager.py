"""Alertmanager, told of alerts as Prometheus tells it, until its webhook has heard of all of them."""

import atexit
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks.alerts import alert, many, pace, routing
from benchmarks.benchmark import Size, Work

_AT_ONCE = 1000  # alerts in one request
_MOST_S = 120


class _Webhook(BaseHTTPRequestHandler):
    heard: set[str]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.heard.update(each["labels"]["instance"] for each in body["alerts"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: standard error is for what goes wrong."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 1024  # a hundred groups call at once: with five, most of the time went to knocking again


def work(folder: Path, size: Size) -> Work:
    """A turn begins with the first alert that is posted, and ends when the last one was heard."""
    heard: set[str] = set()
    webhook = _Server(("127.0.0.1", 0), type("Webhook", (_Webhook,), {"heard": heard}))
    Thread(target=webhook.serve_forever, daemon=True).start()
    running, address = _start(folder, webhook.server_port, size)
    took_s: list[float] = []

    def turn(number: int) -> int:
        started, before = time.perf_counter(), len(heard)
        alerts = [_posted(number, one, size) for one in range(many(number, size))]
        for first in range(0, len(alerts), _AT_ONCE):
            _post(address, alerts[first:first + _AT_ONCE])
        while len(heard) - before < len(alerts):
            if time.perf_counter() - started > _MOST_S:
                raise TimeoutError(f"the webhook heard of {len(heard) - before} alerts in {_MOST_S} s")
            time.sleep(0.005)
        took_s.append(time.perf_counter() - started)
        return len(alerts)

    def outcome() -> str:
        running.terminate()
        running.wait()
        webhook.shutdown()
        return f"{len(heard)} alerts were told"

    return Work(turn, 1, outcome, facts=lambda: pace(size, took_s[-1], None), servers=[running.pid], is_driver=True)


def _posted(number: int, one: int, size: Size) -> dict[str, Any]:
    labels, annotations = alert(number, one, size)
    return {"labels": labels, "annotations": annotations}


def _start(folder: Path, webhook: int, size: Size) -> "tuple[subprocess.Popen[bytes], str]":
    declared = routing(size, webhook_configs=[{"url": f"http://127.0.0.1:{webhook}/"}])
    declared["route"]["group_interval"] = "1s"  # a group is told of its first alert, and so much later of the others
    (folder / "alertmanager.yml").write_text(json.dumps(declared))  # JSON is YAML
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            ["prometheus-alertmanager", f"--config.file={folder / 'alertmanager.yml'}", "--cluster.listen-address=",
             f"--storage.path={folder / 'data'}", f"--web.listen-address={address}"], stderr=log, stdout=log)
    atexit.register(running.kill)
    for _ in range(300):
        if _is_ready(address):
            return running, address
        time.sleep(0.1)
    raise TimeoutError("Alertmanager did not start")


def _is_ready(address: str) -> bool:
    try:
        urllib.request.urlopen(f"http://{address}/-/ready", timeout=5).close()
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


def _post(address: str, alerts: list[dict[str, Any]]) -> None:
    request = urllib.request.Request(f"http://{address}/api/v2/alerts", json.dumps(alerts).encode(),
                                     {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=60).close()
