"""What a run did, read where it left its traces: events in the log, the ledger, and the clouds themselves."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.server import Sandbox

Json = dict[str, Any]


def events(home: Path) -> Iterator[Json]:
    """Every structured event that our tasks wrote to Airflow's log."""
    for log in sorted((home / "logs").rglob("attempt=*.log")):
        for line in log.read_text(errors="replace").splitlines():
            if '"logger":"watchbill"' in line or '"logger": "watchbill"' in line:
                yield json.loads(line)


def sources(home: Path) -> dict[str, Json]:
    """Per source: points, calls and windows of live collection, points of backfills."""
    found: dict[str, Json] = defaultdict(lambda: {"points": 0, "calls": 0, "windows": 0, "backfilled_points": 0})
    for event in events(home):
        if event["event"] == "metrics_collected":
            source = found[event["source"]]
            source["points"] += event["points"]
            source["calls"] += event["calls"]
            source["windows"] += 1
        elif event["event"] == "backfill_verified":
            found[event["source"]]["backfilled_points"] += event["points"]
    return dict(found)


def told(sandbox: Sandbox, title: str) -> dict[str, list[str]]:
    """What the three channels got about an alert, as status words in order: firing, resolved.

    Slack's first message is edited when the alert ends; that it once said firing counts here.
    """
    texts = [message.posted for message in sandbox.slack.messages]
    return {
        "slack": [_status(text) for text in texts if title in text],
        "email": [_status(mail["subject"]) for mail in sandbox.aws.mail.all() if title in mail["subject"]],
        "sns": [json.loads(note["message"])["status"] for note in sandbox.aws.topics.all() if title in note["message"]],
    }


def _status(text: str) -> str:
    return "resolved" if "RESOLVED" in text else "firing"


def rules(home: Path) -> Json:
    """How many rules there were at the most in one evaluation, and how many evaluations of rules in all."""
    judged = [event for event in events(home) if event["event"] == "rules_evaluated"]
    return {"rules": len({event["at"] for event in judged}) and max(event["rules"] for event in judged),
            "evaluated": sum(event["evaluations"] for event in judged)}


def dashboards(home: Path) -> dict[str, list[Json]]:
    """Per cloud: each dashboard with what every sync did about it, in order, and where it can be seen."""
    found: dict[str, dict[str, Json]] = defaultdict(dict)
    for event in sorted(events(home), key=lambda event: event["timestamp"]):
        if event["event"] == "dashboard_synced":
            name = event["dashboard"]
            kept = found[event["cloud"]].setdefault(name, {"dashboard": name, "actions": []})
            kept["actions"].append(event["action"])
            kept["url"] = event.get("url")
    return {cloud: list(kept.values()) for cloud, kept in found.items()}
