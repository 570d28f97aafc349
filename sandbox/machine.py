"""What this machine is doing: its CPU, memory, disks and network, as psutil reads them.

A clock's reading in, a snapshot out; two snapshots tell what happened between them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Disk:
    path: str
    device: str
    fstype: str
    used_share: float  # of what a user may use, as `df` counts

    @property
    def name(self) -> str:
        return self.device.removeprefix("/dev/")


@dataclass(frozen=True)
class Snapshot:
    at: float  # epoch seconds
    cpu_s: Mapping[str, float]  # seconds since the start in each state, all CPUs together
    memory_total: int  # bytes
    memory_usable: int  # bytes: free, or could be freed
    disks: tuple[Disk, ...]
    received: Mapping[str, int]  # bytes since the start, by interface
    sent: Mapping[str, int]


def read_machine(at: float) -> Snapshot:
    memory = psutil.virtual_memory()
    interfaces = psutil.net_io_counters(pernic=True)
    real = {name: count for name, count in interfaces.items() if name != "lo"} or interfaces
    return Snapshot(at, psutil.cpu_times()._asdict(), memory.total, memory.available, tuple(_disks()),
                    {name: count.bytes_recv for name, count in real.items()},
                    {name: count.bytes_sent for name, count in real.items()})


def _disks() -> list[Disk]:
    """The root and each further device, once; a device may be mounted in many places."""
    found: dict[str, Disk] = {}
    for mount in sorted(psutil.disk_partitions(all=True), key=lambda mount: len(mount.mountpoint)):
        is_root = mount.mountpoint == "/"
        if not is_root and (not mount.device.startswith("/dev/") or not Path(mount.mountpoint).is_dir()):
            continue
        share = psutil.disk_usage(mount.mountpoint).percent / 100
        found.setdefault(mount.device, Disk(mount.mountpoint, mount.device, mount.fstype, share))
    return list(found.values())


def cpu_shares(before: Snapshot, after: Snapshot) -> dict[str, float]:
    """Percent of the time between two snapshots in each state; empty where no time has passed.

    Linux counts a guest's time as the user's too, so it is no part of the whole.
    """
    spent = {state: max(0.0, after.cpu_s[state] - before.cpu_s[state]) for state in after.cpu_s}
    whole = sum(seconds for state, seconds in spent.items() if not state.startswith("guest"))
    return {state: 100 * seconds / whole for state, seconds in spent.items()} if whole else {}


def grown(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """How much each counter grew; one that is new or began anew is left out."""
    return {name: count - before[name] for name, count in after.items()
            if name in before and count >= before[name]}
