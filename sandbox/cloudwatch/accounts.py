"""All accounts in all regions, and which of them share their metrics with a monitoring account.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Unified-Cross-Account.html: a link is made
between two accounts for a region; here it holds in all of them.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.cloudwatch.metrics import Metrics
from sandbox.cloudwatch.store import Dashboard, Store
from sandbox.credentials import AWS_ACCOUNT, AWS_REGION


@dataclass(frozen=True)
class View:
    """What a caller sees of a region: the metrics of its own account, and of those linked to it."""

    account: str
    region: str
    accounts: Mapping[str, Metrics]  # its own first

    @property
    def metrics(self) -> Metrics:
        """Its own."""
        return self.accounts[self.account]

    @property
    def is_monitoring(self) -> bool:
        return len(self.accounts) > 1


class Accounts:
    """Stores by account and region. Safe to use from any thread."""

    def __init__(self) -> None:
        self._stores: dict[tuple[str, str], Store] = {}
        self._dashboards: dict[str, dict[str, Dashboard]] = {}
        self._links: dict[str, list[str]] = {}  # monitoring account -> source accounts
        self._lock = threading.Lock()

    def reset(self) -> None:
        """Forget every metric, dashboard and link."""
        with self._lock:
            for store in self._stores.values():
                store.reset()
            self._links.clear()

    def of(self, account: str = AWS_ACCOUNT, region: str = AWS_REGION) -> Store:
        """Always the same one; an account or region not published to is empty."""
        with self._lock:
            if (account, region) not in self._stores:
                dashboards = self._dashboards.setdefault(account, {})
                self._stores[account, region] = Store(account, region, dashboards)
            return self._stores[account, region]

    def every(self) -> list[Store]:
        """All that were asked for."""
        with self._lock:
            return list(self._stores.values())

    def link(self, *sources: str, monitoring: str = AWS_ACCOUNT) -> None:
        """From now on these accounts, and no others, share their metrics with the monitoring one."""
        with self._lock:
            self._links[monitoring] = [source for source in sources if source != monitoring]

    def view(self, account: str, region: str) -> View:
        with self._lock:
            seen = [account, *self._links.get(account, [])]
        return View(account, region, {each: self.of(each, region).metrics for each in seen})
