"""`python -m sandbox serve --story`, as Compose starts it: history at once, then live."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.clients import cloudwatch_client

ROOT = Path(__file__).resolve().parents[3]


def test_a_served_story_has_history_and_ends_when_told():
    command = [sys.executable, "-m", "sandbox", "serve", "--story", "--host", "127.0.0.1"]
    environment = os.environ | {"PYTHONPATH": "plugins"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as served:
        try:
            line = next(text for text in served.stdout if text.startswith("sandbox on "))
            url = line.split()[2].rstrip(",")
            with urllib.request.urlopen(f"{url}/_sandbox/health", timeout=5) as answer:
                assert json.load(answer)
            now = datetime.now(UTC)
            found = cloudwatch_client(url).get_metric_statistics(
                Namespace="shop", MetricName="requests",
                Dimensions=[{"Name": "service", "Value": "checkout"}],
                StartTime=now - timedelta(days=14), EndTime=now, Period=3600, Statistics=["Sum"])
        finally:
            served.send_signal(signal.SIGTERM)
            code = served.wait(timeout=15)
    assert len(found["Datapoints"]) in (336, 337)
    assert code == 0
