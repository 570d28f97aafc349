"""What a vendor's SDK raises -> SourceError: one sentence for the person who is woken by it.

What was asked, what the vendor said, what to do. The original is not chained: a client's exceptions carry
headers, and headers carry keys.
"""

import re
from dataclasses import dataclass

from watchbill.model.failures import SourceError

_SECRETS = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"  # AWS access key ids
    r"|Credential=\S+|Signature=\S+"  # SigV4 headers
    r"|(?<![\w/+=])[A-Za-z0-9/+]{40}(?![\w/+=])"  # AWS secret keys, Datadog application keys
    r"|\b[0-9a-f]{32}\b"  # Datadog API keys
    r"|[A-Za-z0-9/+]{100,}={0,2}",  # session tokens
)


@dataclass(frozen=True)
class Asked:
    """What was under way: `CloudWatch in eu-west-1 (connection aws_default), GetMetricData for checkout`."""

    source: str
    where: str  # region or site
    connection: str
    operation: str
    entries: tuple[str, ...] = ()  # of include/metrics, or metrics

    def __str__(self) -> str:
        names = list(dict.fromkeys(self.entries))
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        about = f" for {', '.join(names[:3])}{more}" if names else ""
        return f"{self.source} in {self.where} (connection {self.connection}), {self.operation}{about}"

    def error(
        self, problem: str, advice: str, *, retryable: bool, retry_after_s: float | None = None
    ) -> SourceError:
        text = f"{self}: {problem}. {advice}"
        return SourceError(text, retryable=retryable, retry_after_s=retry_after_s)


def quoted(text: object) -> str:
    """A vendor's words, fit to be shown: on one line, not long, without anything that looks like a key."""
    line = " ".join(_SECRETS.sub("***", str(text)).split()).strip().rstrip(".")
    return f"{line[:297]}…" if len(line) > 300 else line


def seconds(headers: object, *names: str) -> float | None:
    """The first of these headers that says a number of seconds, whatever its case."""
    try:
        found = {str(name).lower(): value for name, value in dict(headers).items()}  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return None
    for name in names:
        value = found.get(name.lower())
        if value is not None and re.fullmatch(r"\d+(\.\d+)?", str(value).strip()):
            return float(value)
    return None
