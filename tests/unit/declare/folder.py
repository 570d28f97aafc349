"""An include folder that is sound, and ways to spoil it."""

from pathlib import Path
from textwrap import dedent

import pytest

from watchbill.declare.load import Declarations, load

SOUND = {
    "watchbill.yaml": "tick: 5m\n",
    "metrics/shop.yaml": """\
        metrics:
          - name: shop
            sources: cloudwatch
            namespace: shop
            metrics: [requests, errors]
            statistics: Sum
            dimensions: {service: "*"}
            period: 1m
        """,
    "rules/shop.yaml": """\
        groups:
          - name: shop
            rules:
              - alert: HighErrorRate
                condition:
                  source: cloudwatch
                  namespace: shop
                  metric: errors
                  statistic: Sum
                  window: 5m
                  comparison: ">"
                  threshold: 100
                labels: {severity: critical}
        """,
    "alerting.yaml": """\
        route:
          receiver: everyone
          routes:
            - matchers: [severity="critical"]
              receiver: on-call
        receivers:
          - name: everyone
          - name: on-call
            slack_configs:
              - channel: "#alerts"
        """,
    "dashboards/shop.yaml": """\
        id: shop
        title: Shop
        widgets:
          - type: metric
            x: 0
            y: 0
            metrics:
              - {namespace: shop, metric: errors}
        """,
}


class Include:
    """Files below a folder of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in SOUND:
            self.write(name, SOUND[name])

    def write(self, name: str, text: str | bytes) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.path / name).read_text()
        assert old in text
        (self.path / name).write_text(text.replace(old, new, 1))

    def load(self, **environ: str) -> Declarations:
        return load(self.path, environ)

    def told(self, **environ: str) -> list[str]:
        """Every finding as a person reads it; warnings say that they are."""
        return [f"{'warning: ' if one.severity == 'warning' else ''}{one}" for one in self.load(**environ).findings]


@pytest.fixture
def include(tmp_path: Path) -> Include:
    return Include(tmp_path / "include")
