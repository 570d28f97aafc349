"""What can go wrong, in words for the person who reads them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in the YAML: where, what, and what to write instead."""

    file: str  # relative to the include folder
    line: int  # 1-based; 0 where no line can be named
    field: str  # dotted path inside the file, "" for the file itself
    problem: str
    fix: str = ""
    severity: Literal["error", "warning"] = "error"
    widget: str = ""  # of a dashboard: its title and place

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        widget = f" [{self.widget}]" if self.widget else ""
        name = f" {self.field}{widget}:" if self.field else ""
        fix = f" ({self.fix})" if self.fix else ""
        return f"{where}:{name} {self.problem}{fix}"


class WatchbillError(Exception):
    """Every error that we raise on purpose; its text is one sentence for a person."""


class DeclarationError(WatchbillError):
    """The YAML under include/ cannot be used."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


class SourceError(WatchbillError):
    """A source refused, failed or answered nonsense. `calls` and `billed_metrics`: what it took to learn that."""

    def __init__(self, message: str, *, retryable: bool, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.calls = 0
        self.billed_metrics = 0


class LakeError(WatchbillError):
    """The lake cannot be read or written; what was there before is still there."""


class RuleError(WatchbillError):
    """A rule cannot be judged by what there is now; its alerts stand as they stood."""


class LedgerError(WatchbillError):
    """The state database cannot be reached or is at another schema version."""


class DashboardError(WatchbillError):
    """A cloud refused a dashboard, or it cannot be said in that cloud's words."""


class Changed(DashboardError):
    """Somebody has changed a live dashboard since it was compared; nothing was written."""


class TransportError(WatchbillError):
    """A channel did not take a notification.

    `permanent`: trying again cannot help. `ambiguous`: the vendor may have taken it all the same.
    """

    def __init__(self, message: str, *, permanent: bool = False, ambiguous: bool = False,
                 retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.ambiguous = ambiguous
        self.retry_after_s = retry_after_s
