"""The forms that messages link to: in a browser, against an API that notes what it is asked, and in Airflow itself."""

import asyncio
import html
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn

from tests.on_airflow.api_server import serving
from tests.on_airflow.home import PASSWORD, ROOT, USER
from watchbill.model.alerts import fingerprint
from watchbill.model.links import acknowledge_form, silence_form
from watchbill.on_airflow import forms

pytestmark = pytest.mark.server
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
LABELS = {"alertname": "Errors", "service": '</textarea><script>alert("x")</script>&\\\n'}
MATCHERS = ['alertname="Errors"', 'service="</textarea><script>alert(\\"x\\")</script>&\\\\\\n"']
DRIVER = """<!doctype html><iframe src="{form}"></iframe><pre id="seen"></pre><script>
const frame = document.querySelector("iframe");
frame.onload = async () => {{
  const form = frame.contentDocument.querySelector("form");
  if (!form) return;
  const seen = {{filled: [...form.querySelectorAll("textarea")].map((field) => field.value)}};
  for (const field of form.querySelectorAll("[name=comment]")) field.value = "known";
  form.requestSubmit();
  for (let wait = 0; wait < 200 && !["success", "failed"].includes(form.querySelector("output").dataset.state); wait++)
    await new Promise((wake) => setTimeout(wake, 20));
  seen.said = form.querySelector("output").textContent;
  document.querySelector("#seen").textContent = JSON.stringify(seen);
}};
</script>"""


class Site:
    """The forms beside a REST API like Airflow's, at a path of their own as behind a proxy."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self.drive = ""
        self.answers: dict[tuple[str, str], tuple[int, Any]] = {
            ("GET", "dags"): (200, {"is_paused": True}), ("PATCH", "dags"): (200, {"is_paused": False}),
            ("POST", "dagRuns"): (200, {"dag_run_id": "manual__1"}), ("GET", "dagRuns"): (200, {"state": "success"})}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"].removeprefix("/prod")
        if path.startswith("/watchbill/"):
            await forms.app({**scope, "path": path}, receive, send)
            return
        status, said, kind = 200, DRIVER.format(form=html.escape(self.drive)), "text/html"
        if path.startswith("/api/v2/"):
            body = (await receive())["body"]
            self.calls.append((scope["method"], path, json.loads(body) if body else None))
            name = "dagRuns" if "dagRuns" in path else "dags"
            status, told = self.answers[scope["method"], name]
            said, kind = json.dumps(told), "application/json"
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode())]})
        await send({"type": "http.response.body", "body": said.encode()})


@pytest.fixture
def site() -> Iterator[tuple[Site, str]]:
    made = Site()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(made, log_level="error", lifespan="off"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[free])))
        thread.start()
        yield made, f"http://127.0.0.1:{free.getsockname()[1]}/prod"
        server.should_exit = True
        thread.join()


def browse(site: tuple[Site, str], form: str, tmp_path: Path) -> dict[str, Any]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium here")
    made, base = site
    made.drive = urlsplit(form)._replace(scheme="", netloc="").geturl()
    ran = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile",
         "--virtual-time-budget=20000", "--dump-dom", f"{base}/drive"],
        capture_output=True, text=True, timeout=90, check=False)
    [seen] = re.findall(r'<pre id="seen">(.*?)</pre>', ran.stdout, re.DOTALL)
    return json.loads(html.unescape(seen))


def test_a_silence_form_is_filled_by_its_link_and_triggers_the_dag(site: tuple[Site, str], tmp_path: Path):
    seen = browse(site, silence_form(site[1], LABELS), tmp_path)
    assert seen == {"filled": ["\n".join(MATCHERS)], "said": "Done. (manual__1)"}
    dag = "/api/v2/dags/silence_alerts"
    assert site[0].calls == [
        ("GET", dag, None), ("PATCH", dag, {"is_paused": False}),
        ("POST", f"{dag}/dagRuns", {"logical_date": None, "conf": {
            "matchers": MATCHERS, "duration": "2h", "comment": "known"}}),
        ("GET", f"{dag}/dagRuns/manual__1", None)]


def test_an_acknowledge_form_is_filled_with_fingerprints(site: tuple[Site, str], tmp_path: Path):
    site[0].answers["GET", "dags"] = (200, {"is_paused": False})
    marks = sorted(fingerprint({"alertname": name}) for name in "ab")
    seen = browse(site, acknowledge_form(site[1], marks), tmp_path)
    assert seen["filled"] == ["\n".join(marks)]
    [(_, path, body)] = [call for call in site[0].calls if call[0] == "POST"]
    assert path == "/api/v2/dags/acknowledge_alerts/dagRuns"
    assert body["conf"] == {"alerts": marks, "for": None, "comment": "known"}
    assert [call[0] for call in site[0].calls] == ["GET", "POST", "GET"]


@pytest.mark.parametrize(("call", "answer", "says"), [
    (("POST", "dagRuns"), (400, {"detail": "<b>Invalid</b> input"}), "It did not work: <b>Invalid</b> input"),
    (("POST", "dagRuns"), (403, {"detail": "Forbidden"}), "It did not work: you may not trigger silence_alerts"),
    (("GET", "dagRuns"), (200, {"state": "failed"}), "It failed; the run's log says why. (manual__1)"),
])
def test_what_goes_wrong_is_told_in_the_form(site: tuple[Site, str], tmp_path: Path, call, answer, says):
    site[0].answers[call] = answer
    assert browse(site, silence_form(site[1], {"alertname": "Errors"}), tmp_path)["said"] == says


def test_the_plugin_costs_no_component_anything():
    code = ("import sys, watchbill.on_airflow.forms\n"
            "print({'airflow', 'fastapi', 'starlette', 'pydantic', 'sqlalchemy'} & set(sys.modules))")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                         env={"PYTHONPATH": str(ROOT / "plugins")})
    assert ran.stdout == "set()\n"


def test_airflow_serves_the_forms_to_who_is_logged_in_and_nothing_else_under_their_path():
    with serving() as port:
        base = f"http://127.0.0.1:{port}"
        token = httpx.post(f"{base}/auth/token", json={"username": USER, "password": PASSWORD}).json()["access_token"]
        with httpx.Client(base_url=base, cookies={"_token": token}) as known:
            _look_around(base, known)


def _look_around(base: str, known: httpx.Client) -> None:
    for name, (_, kind) in forms.FILES.items():
        stranger = httpx.get(f"{base}/watchbill/{name}?labels=a%3Db%26c")
        if kind.startswith("text/html"):
            back = f"/watchbill/{name}?labels=a%3Db%26c"
            assert stranger.status_code == 302
            assert parse_qs(urlsplit(stranger.headers["location"]).query) == {"next": [back]}
        else:
            assert stranger.status_code == 401
        assert httpx.get(f"{base}/watchbill/{name}", headers={"cookie": "_token=nonsense"}).status_code in (302, 401)
        answer = known.get(f"/watchbill/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    for name in ("", "nope", "%2e%2e/policy.py", "..%2fpolicy.py", "silence.html"):
        assert httpx.get(f"{base}/watchbill/{name}").status_code == 401, name
        assert known.get(f"/watchbill/{name}").status_code == 404, name
    assert known.post("/watchbill/silence").status_code == 405
    assert known.head("/watchbill/silence").content == b""
