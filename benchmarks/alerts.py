"""The alerts that notifications are made of, the same for every side, and how fast they were told."""

from typing import Any

from benchmarks.benchmark import Size


def alert(turn: int, number: int, size: Size) -> tuple[dict[str, str], dict[str, str]]:
    """Labels and annotations. The groups of each turn are its own."""
    group = number % size["groups"]
    labels = {"alertname": "HighLatency", "severity": "critical", "group": f"g{turn}-{group}",
              "team": f"team-{group % size['receivers']}", "instance": f"web-{turn}-{number:06}"}
    return labels, {"summary": f"{labels['instance']} is slow", "description": "Nine in ten requests take a second."}


def routing(size: Size, **configs: Any) -> dict[str, Any]:
    """One team's alerts to its own receiver, of these integrations."""
    teams = [f"team-{one}" for one in range(size["receivers"])]
    return {
        "route": {"receiver": teams[0], "group_by": ["group"], "group_wait": "0s",
                  "routes": [{"matchers": [f'team="{team}"'], "receiver": team} for team in teams]},
        "receivers": [{"name": team, **configs} for team in teams]}


def many(turn: int, size: Size) -> int:
    """Alerts of a turn: the one before the measured is short."""
    return size["alerts"] if turn else size["groups"]


def pace(size: Size, took_s: float, server_s: float | None) -> dict[str, str]:
    return {"alerts a second": f"{size['alerts'] / took_s:,.0f}",
            "server CPU ms": "-" if server_s is None else f"{1000 * server_s:,.0f}"}
