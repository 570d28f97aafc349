"""The whole of it at work: collection, Airflow's own backfill, a source that fails, Slack away, and the end.

What takes ticks is begun at once, in `begun`, and looked for in turn.
"""

import contextlib
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import psutil
import pytest

from sandbox.credentials import SLACK_CHANNELS
from sandbox.faults import Fault
from sandbox.stack import processes
from sandbox.stack.stack import TICK, Stack
from sandbox.traffic import SERVICES
from tests.stack_parts import alive_in
from watchbill.lake.lake import Lake
from watchbill.model.series import Series
from watchbill.model.windows import Window

pytestmark = pytest.mark.server

Wait = Callable[..., Any]
Json = dict[str, Any]
TICKS = 5
HIDDEN_ERRORS = 500  # a minute: what HighErrorRate fires for
PAGED, TOLD = "Payments stand still", "A certificate ends soon"
FORBIDDEN = {"errors": ["Forbidden"]}


@dataclass
class Begun:
    """What was set going at `at`."""

    at: datetime
    past: Window  # of Airflow's backfill; an outage lies in it that nobody heard of
    backfill: int
    by_hand: Window
    by_hand_run: str
    alerts: dict[str, str]  # title -> run of send_alert
    slack_calls: int  # that Slack had failed by then


@pytest.fixture(scope="module")
def begun(stack: Stack) -> Begun:
    at, api, faults = datetime.now(UTC), stack.api, stack.sandbox.faults
    end = stack.life.history.end - timedelta(hours=2)
    # By hand longer ago than a tick reads again, which would bring every metric.
    past, by_hand = Window(end - TICKS * TICK, end), Window(end - timedelta(hours=3), end - timedelta(minutes=160))
    minutes = np.arange(past.start.timestamp(), past.end.timestamp(), 60)
    stack.sandbox.cloudwatch.put("shop", "errors", {"service": "checkout"}, minutes,
                                 np.full(TICKS, float(HIDDEN_ERRORS)), unit="Count")
    backfill = api.post("/backfills", {
        "dag_id": "collect_cloudwatch", "from_date": past.start.isoformat(),
        "to_date": (past.end - TICK).isoformat(),  # inclusive
        "max_active_runs": 2, "reprocess_behavior": "none", "run_backwards": False, "dag_run_conf": {}})["id"]
    faults.add(Fault("slack", "chat.postMessage", status=500, times=2))
    alerts = {
        PAGED: api.trigger("send_alert", {"title": PAGED, "severity": "critical", "message": "No payment for 5 m.",
                                          "metadata": {"ticket": "OPS-12"}}),
        TOLD: api.trigger("send_alert", {"title": TOLD, "severity": "warning"}),
    }
    by_hand_run = api.trigger("collect_cloudwatch", {**by_hand.to_json(), "metrics": ["shop"]})
    for run in alerts.values():
        assert api.wait_for_run("send_alert", run, within_s=120) == "success"
    slack_calls = faults.calls["slack", "chat.postMessage"]
    faults.add(Fault("datadog", "POST /api/v2/query/timeseries", status=403, body=FORBIDDEN, times=1))
    return Begun(at, past, backfill, by_hand, by_hand_run, alerts, slack_calls)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def slack_texts(stack: Stack, channel: str) -> list[str]:
    return [message.posted for message in stack.sandbox.slack.messages if message.channel == SLACK_CHANNELS[channel]]


def runs(stack: Stack, dag_id: str, kind: str, *states: str) -> list[Json]:
    """In the order of their start."""
    found = [run for run in stack.api.runs(dag_id) if run["run_type"] == kind and run["state"] in states]
    return sorted(found, key=lambda run: run["start_date"])


def lake_of(stack: Stack) -> Lake:
    return Lake.open("lake", home=stack.folder / "airflow")


def points(lake: Lake, series: Series, window: Window) -> tuple[list[float], list[float]]:
    table = lake.read([series], window)
    return [at.timestamp() for at in table["timestamp"].to_pylist()], table["value"].to_pylist()


def asset_events(stack: Stack) -> list[Json]:
    return list(stack.api.get("/assets/events", limit=100)["asset_events"])


def test_slack_is_away_and_mail_and_sns_get_the_alert_at_once(stack: Stack, begun: Begun):
    assert begun.slack_calls == 2  # one for each alert, and both failed
    mail = [mail for mail in stack.sandbox.aws.mail.all() if PAGED in mail["subject"]]
    assert [(each["to"], each["subject"]) for each in mail] == [(["oncall@example.com"], f"[CRITICAL] {PAGED}")]
    notes = [json.loads(note["message"]) for note in stack.sandbox.aws.topics.all() if PAGED in note["message"]]
    assert [(note["status"], note["severity"]) for note in notes] == [("firing", "critical")]


def test_a_manual_run_collects_the_window_and_the_metrics_of_its_form(stack: Stack, begun: Begun):
    assert stack.api.wait_for_run("collect_cloudwatch", begun.by_hand_run, within_s=200) == "success"
    lake = lake_of(stack)
    collected = {(series.metric, series.statistic): points(lake, series, begun.by_hand)[0]
                 for series in lake.series(source="cloudwatch") if lake.count([series], begun.by_hand)}
    times, _ = stack.life.story.expected("requests", "checkout", begun.by_hand, "Sum")
    assert collected == dict.fromkeys([("requests", "Sum"), ("errors", "Sum")], times.tolist())


def test_airflows_own_backfill_succeeds_two_runs_at_a_time(stack: Stack, begun: Begun, wait: Wait):
    wait(lambda: stack.api.get(f"/backfills/{begun.backfill}")["completed_at"], "the backfill")
    found = runs(stack, "collect_cloudwatch", "backfill", "success")
    starts = [begun.past.start + number * TICK for number in range(TICKS)]
    assert sorted(moment(run["data_interval_start"]) for run in found) == starts
    assert all(moment(run["data_interval_end"]) - moment(run["data_interval_start"]) == TICK for run in found)
    for run in found:
        at_once = [each for each in found if each["start_date"] <= run["start_date"] < each["end_date"]]
        assert len(at_once) <= 2


def test_a_backfill_fills_the_lake_with_exactly_what_happened(stack: Stack, begun: Begun):
    lake, story = lake_of(stack), stack.life.story
    expected = {}
    for metric, statistics in {"requests": ["Sum"], "errors": ["Sum"], "latency": ["Average", "p99"]}.items():
        for statistic in statistics:
            for service in SERVICES:
                times, values = story.expected(metric, service, begun.past, statistic)
                hidden = HIDDEN_ERRORS if (metric, service) == ("errors", "checkout") else 0
                expected[metric, statistic, service] = (times.tolist(), pytest.approx((values + hidden).tolist()))
    assert {(series.metric, series.statistic, dict(series.dimensions)["service"]): points(lake, series, begun.past)
            for series in lake.series(source="cloudwatch", namespace="shop")} == expected


def test_scheduled_collection_has_data_intervals_and_starts_at_their_end(stack: Stack, begun: Begun, wait: Wait):
    found = wait(lambda: [run for run in runs(stack, "collect_cloudwatch", "scheduled", "success")
                          if moment(run["data_interval_end"]) > begun.at], "collect_cloudwatch at a tick")
    for run in found:
        start, end = moment(run["data_interval_start"]), moment(run["data_interval_end"])
        assert (end - start, end.second, moment(run["logical_date"])) == (TICK, 0, start)
        assert timedelta(0) <= moment(run["run_after"]) - end < timedelta(seconds=1)
        assert moment(run["start_date"]) >= end
    judging = wait(lambda: runs(stack, "evaluate_alerts", "scheduled", "success"), "evaluate_alerts between two ticks")
    assert {moment(run["run_after"]).second for run in judging} == {30}
    window = Window(moment(found[0]["data_interval_start"]), moment(found[0]["data_interval_end"]))
    lake = lake_of(stack)
    requests = [points(lake, series, window)[0] for series in lake.series("cloudwatch", metric="requests")]
    assert requests == [[window.start.timestamp()]] * len(SERVICES)


def test_slack_gets_at_a_later_tick_what_it_could_not_take(stack: Stack, begun: Begun, wait: Wait):
    def sent() -> list[Json]:
        return [each for each in stack.ledger().notifications()
                if each["channel"] == "slack" and each["receiver"] in ("on-call", "default") and each["sent_at"]]

    wait(lambda: len(sent()) == 2, "both alerts in Slack")
    assert {each["attempts"] for each in sent()} == {2}
    assert all(each["sent_at"] - each["created_at"] > timedelta(seconds=20) for each in sent())
    assert slack_texts(stack, "alerts") == [f"[CRITICAL] {PAGED}\nNo payment for 5 m."]
    assert [text for text in slack_texts(stack, "ops") if TOLD in text] == [f"[WARNING] {TOLD}"]


def of_datadog(stack: Stack) -> list[str]:
    return [text for text in slack_texts(stack, "ops") if "collect_datadog" in text]


def test_a_source_that_refuses_fails_its_dag_and_is_told_once(stack: Stack, begun: Begun, wait: Wait):
    run = wait(lambda: runs(stack, "collect_datadog", "scheduled", "failed"), "collect_datadog to fail")[0]
    wait(lambda: of_datadog(stack), "the message about it")
    message = next(each for each in stack.sandbox.slack.messages if "collect_datadog" in each.text)
    assert message.text.startswith("[ERROR] collect_datadog.collect_metrics failed\n")
    fields = dict(re.fullmatch(r"\*(.+):\*\n(.+)", field["text"], re.DOTALL).groups()
                  for block in message.blocks for field in block.get("fields", ()))
    assert (fields["dag"], fields["task"], fields["run"]) == (
        "collect_datadog", "collect_metrics", run["dag_run_id"])
    assert fields["error"].startswith("SourceError: Datadog")
    assert "timeseries_query permission" in fields["error"]
    assert fields["log"].startswith(f"{stack.api.url}/dags/collect_datadog/runs/")


def test_the_next_success_resolves_it(stack: Stack, begun: Begun, wait: Wait):
    wait(lambda: any("RESOLVED" in text for text in of_datadog(stack)), "the resolved message")
    assert [text.split("\n")[0] for text in of_datadog(stack)] == [
        "[ERROR] collect_datadog.collect_metrics failed", "[RESOLVED] collect_datadog.collect_metrics failed"]
    assert len(runs(stack, "collect_datadog", "scheduled", "failed")) == 1
    assert runs(stack, "collect_datadog", "scheduled", "success")[-1]["start_date"] > runs(
        stack, "collect_datadog", "scheduled", "failed")[0]["start_date"]


def test_the_other_source_was_never_disturbed(stack: Stack, begun: Begun, wait: Wait):
    wait(lambda: len(runs(stack, "collect_cloudwatch", "scheduled", "success")) > 1, "two ticks")
    assert [run for run in stack.api.runs("collect_cloudwatch") if run["state"] == "failed"] == []
    ends = sorted(moment(run["data_interval_end"]) for run in runs(stack, "collect_cloudwatch", "scheduled", "success"))
    assert ends == [ends[0] + number * TICK for number in range(len(ends))]  # no tick is missing


def test_only_live_windows_emit_an_event_and_the_past_sends_no_message(stack: Stack, begun: Begun, wait: Wait):
    wait(lambda: stack.api.get(f"/backfills/{begun.backfill}")["completed_at"], "the backfill")
    scheduled = wait(lambda: runs(stack, "collect_cloudwatch", "scheduled", "success"), "a tick")
    emitted = Counter(event["source_run_id"] for event in asset_events(stack)
                      if event["source_dag_id"] == "collect_cloudwatch")
    assert {run["dag_run_id"]: emitted[run["dag_run_id"]] for run in scheduled} == {
        run["dag_run_id"]: 1 for run in scheduled}
    assert {run_id.partition("__")[0] for run_id in emitted} == {"scheduled"}
    known = {alert.alert.labels["alertname"] for alert in stack.ledger().alerts(("pending", "firing", "resolved"))}
    assert known <= {PAGED, TOLD, "AirflowTaskFailed"}


def test_every_message_was_sent_once(stack: Stack, begun: Begun, wait: Wait):
    wait(lambda: len(stack.sandbox.slack.messages) >= 4, "all messages")
    assert sorted(message.posted.split("\n")[0] for message in stack.sandbox.slack.messages) == sorted([
        f"[CRITICAL] {PAGED}", f"[WARNING] {TOLD}", "[ERROR] collect_datadog.collect_metrics failed",
        "[RESOLVED] collect_datadog.collect_metrics failed"])
    assert len(stack.sandbox.aws.mail.all()) == len(stack.sandbox.aws.topics.all()) == 1


def test_a_form_that_is_filled_in_wrongly_is_refused(stack: Stack):
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        stack.api.trigger("send_alert", {"title": "x", "severity": "loud"})
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        stack.api.trigger("collect_cloudwatch", {"start": "yesterday"})


def test_nobody_gets_in_without_a_password(stack: Stack):
    wrong = {"username": "admin", "password": "admin"}
    with httpx.Client(base_url=stack.api.url, trust_env=False) as http:
        assert http.get("/api/v2/dags").status_code == 401
        assert http.get("/api/v2/dags", headers={"Authorization": "Bearer made.up.token"}).status_code in (401, 403)
        assert http.post("/api/v2/dags/send_alert/dagRuns", json={"logical_date": None}).status_code == 401
        assert http.post("/auth/token", json=wrong).status_code == 401
        assert http.get("/auth/token").status_code == 403  # gives one to everybody in some set-ups
        assert http.get("/execution/connections/aws_default").status_code == 401
        # The page itself is empty until its own calls are let in: it sends to the form.
        assert [http.get(path).status_code for path in ("/ui/dags", "/ui/config", "/api/v2/plugins")] == [401] * 3
        assert http.get("/api/v2/auth/login").headers["location"] == "/auth/login"


def test_no_page_of_a_plugin_is_open(stack: Stack):
    plugins = stack.api.get("/plugins")["plugins"]
    prefixes = {app["url_prefix"] for plugin in plugins for app in plugin["fastapi_apps"]}
    with httpx.Client(base_url=stack.api.url, trust_env=False) as http:
        assert {prefix: http.get(f"{prefix}/").status_code for prefix in prefixes} == dict.fromkeys(prefixes, 401)


def test_only_this_machine_can_reach_it(stack: Stack):
    found = set()
    for process in [psutil.Process(), *processes.of_run(stack.folder)]:
        with contextlib.suppress(psutil.NoSuchProcess):  # a task ends whenever it likes
            found |= {(each.laddr.ip, each.laddr.port) for each in process.net_connections("inet")
                      if each.status == psutil.CONN_LISTEN}
    assert {("127.0.0.1", port) for port in stack.ports.values()} <= found
    assert {ip for ip, _ in found} == {"127.0.0.1"}


def test_stopping_ends_every_process(stack: Stack):
    family, names = processes.of_run(stack.folder), set()
    for process in list(family):
        with contextlib.suppress(psutil.NoSuchProcess):
            names.add(process.name().split()[0])
            family += process.children(recursive=True)
    assert {"postgres", "airflow"} <= names
    before = time.monotonic()
    stack.stop()
    assert time.monotonic() - before < 60
    assert [process for process in family if processes.running(process)] == []
    assert alive_in(stack.folder) == []
    listening = {each.laddr.port for each in psutil.Process(os.getpid()).net_connections("inet")
                 if each.status == psutil.CONN_LISTEN}
    assert not listening & set(stack.ports.values())
