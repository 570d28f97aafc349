"""What entries that were refused would have collected: that others lack it is only an echo of the first error."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from watchbill.declare.parts import Parts, items
from watchbill.model.metrics import MetricEntry


@dataclass(frozen=True)
class Claims:
    """Namespace and metric of each; None where the entry does not tell, so that any would do."""

    names: frozenset[tuple[str | None, str | None]]

    def cover(self, namespace: str, metric: str) -> bool:
        return any(of in (namespace, None) and (name is None or fnmatchcase(metric, name))
                   for of, name in self.names if of or name)


def claimed(parts: Parts[MetricEntry]) -> Claims:
    kept = {(one.document.file, one.path) for one in parts.located}
    refused = [item for document in parts.documents for path, item in items(document.data, "metrics", ())
               if isinstance(item, dict) and (document.file, path) not in kept]
    return Claims(frozenset((_text(item.get("namespace")), metric)
                            for item in refused for metric in _metrics(item.get("metrics"))))


def _metrics(value: Any) -> list[str | None]:
    found = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    return [*found] or [None]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
