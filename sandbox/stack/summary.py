"""What a run proved: the figures, the checks, as text for a person and as JSON for a machine."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.stack import observe
from sandbox.stack.stack import Stack
from watchbill.alerts.ledger import Ledger

Json = dict[str, Any]
ALERT = "HighErrorRate"
CHANNELS = ("slack", "email", "sns")


@dataclass
class Summary:
    """Filled while the run goes on; `check` adds what must be true at its end."""

    sources: dict[str, Json] = field(default_factory=dict)
    rules: Json = field(default_factory=dict)
    alerts: list[Json] = field(default_factory=list)
    dashboards: dict[str, list[Json]] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)  # by hand: which DAG run ended how
    failed_runs: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    seconds_to_first_alert: float | None = None
    seconds: float | None = None
    peak_memory_bytes: int = 0
    checks: dict[str, bool] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return bool(self.checks) and all(self.checks.values())

    def collect(self, stack: Stack) -> None:
        """Reads what there is by now."""
        home = stack.folder / "airflow"
        self.sources = observe.sources(home)
        self.rules = observe.rules(home)
        self.dashboards = observe.dashboards(home)
        self.alerts = alerts(stack.ledger())
        runs = stack.api.runs()
        self.failed_runs = [f"{run['dag_id']} {run['dag_run_id']}" for run in runs if run["state"] == "failed"]
        self.addresses = {"Airflow": stack.api.url, "the small cloud": f"{stack.sandbox.url}/_sandbox/calls",
                          "Slack's messages": f"{stack.sandbox.url}/_sandbox/slack/messages",
                          "mail": f"{stack.sandbox.url}/_sandbox/mail", "SNS": f"{stack.sandbox.url}/_sandbox/sns"}

    def check(self, stack: Stack) -> None:
        """Each thing that a run claims, looked up where it must have happened."""
        self.collect(stack)
        told = observe.told(stack.sandbox, ALERT)
        checks = {f"{source} was collected": found["points"] > 0 for source, found in self.sources.items()}
        checks["both sources were collected"] = len(self.sources) == 2
        checks["both sources were backfilled"] = all(each["backfilled_points"] for each in self.sources.values())
        checks["rules were judged"] = self.rules.get("evaluated", 0) > 0
        for channel in CHANNELS:
            checks[f"{channel} got one firing and one resolved message"] = told[channel] == ["firing", "resolved"]
        for cloud in ("cloudwatch", "datadog"):
            kept = self.dashboards.get(cloud, [])
            checks[f"the dashboards on {cloud} were created once and then left alone"] = bool(kept) and all(
                each["actions"][0] == "create" and set(each["actions"][1:]) == {"unchanged"} for each in kept)
        checks["every run by hand succeeded"] = bool(self.runs) and set(self.runs.values()) == {"success"}
        checks["no DAG run failed"] = not self.failed_runs
        self.checks = checks

    def to_json(self) -> Json:
        return {**self.__dict__, "passed": self.passed}

    def text(self) -> str:
        """For a terminal."""
        lines = ["", "Collected"]
        lines += [f"  {name}: {each['points']} points in {each['windows']} windows with {each['calls']} calls, "
                  f"{each['backfilled_points']} more by backfill" for name, each in self.sources.items()]
        lines += ["Judged", f"  {self.rules.get('rules', 0)} rules, {self.rules.get('evaluated', 0)} times in all"]
        lines += ["Alerts"]
        for alert in self.alerts:
            lines += [f"  {alert['status']:<8} {alert['alertname']} {alert['labels']}"]
            lines += [f"           {each['status']} {each['reason']} -> {each['channel']} {each['target']} "
                      f"{each['answer']}" for each in alert["notifications"]]
        lines += ["Dashboards"]
        lines += [f"  {cloud}: {each['dashboard']} {', then '.join(each['actions'])}"
                  for cloud, kept in self.dashboards.items() for each in kept]
        if self.checks:
            lines += ["Checks", *(f"  {'ok ' if ok else 'NO '} {name}" for name, ok in self.checks.items())]
            lines += [f"First alert after {self.seconds_to_first_alert} s, all after {self.seconds} s, "
                      f"{self.peak_memory_bytes / 2**20:.0f} MiB at the peak"]
        lines += ["Open", *(f"  {name}: {url}" for name, url in self.addresses.items()), ""]
        return "\n".join(lines)


def alerts(ledger: Ledger) -> list[Json]:
    """Every alert that fires or fired, with who was told, where, and what the vendor answered."""
    notifications = ledger.notifications()
    found = []
    for state in ledger.alerts(("firing", "resolved")):
        group = [{name: each[name] for name in ("receiver", "channel", "target", "status", "reason", "answer")}
                 for each in reversed(notifications) if state.fingerprint in each["fingerprints"]]
        labels = dict(state.alert.labels)
        found.append({"alertname": labels.get("alertname"), "labels": labels, "status": state.state,
                      "notifications": group})
    return found
