"""Tagged resources of all accounts and regions. A resource that lost its tags is still listed, as by the vendor."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.credentials import AWS_ACCOUNT, AWS_REGION


@dataclass(frozen=True)
class Resource:
    arn: str
    tags: Mapping[str, str]

    def is_of_type(self, wanted: str) -> bool:
        """Of `ec2`, `ec2:instance`, `elasticloadbalancing:loadbalancer/app`."""
        service, _, kind = wanted.partition(":")
        _, _, own_service, _, _, resource = self.arn.split(":", 5)
        if own_service != service:
            return False
        return not kind or resource == kind or resource.startswith((f"{kind}/", f"{kind}:"))


@dataclass
class Store:
    """Safe to use from any thread."""

    _resources: dict[tuple[str, str], dict[str, Resource]] = field(default_factory=dict)  # by account and region
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        with self._lock:
            self._resources.clear()

    def tag(self, arn: str, tags: Mapping[str, str], *, account: str = "", region: str = "") -> None:
        """Replace a resource's tags; account and region are the ARN's own, or the sandbox's, unless given."""
        parts = arn.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn":
            raise ValueError(f"{arn!r} is no ARN")
        place = account or parts[4] or AWS_ACCOUNT, region or parts[3] or AWS_REGION
        with self._lock:
            self._resources.setdefault(place, {})[arn] = Resource(arn, dict(tags))

    def resources(self, account: str, region: str) -> list[Resource]:
        """In order of their ARNs."""
        with self._lock:
            held = self._resources.get((account, region), {})
            return [held[arn] for arn in sorted(held)]
