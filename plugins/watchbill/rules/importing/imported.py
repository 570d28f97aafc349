"""What has become of alarms and monitors: one `Imported` each; files of rules/ and metrics/ out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from watchbill.model.series import Source

Verdict = Literal["whole", "lossy", "impossible"]


class ImpossibleError(ValueError):
    """There is no rule that says the same; the text says why."""


@dataclass
class Imported:
    """One alarm or monitor: the rules and the entry of metrics/ that it becomes, and what they do not say."""

    name: str
    rules: list[dict[str, Any]] = field(default_factory=list)  # as they are written in YAML
    entry: dict[str, Any] | None = None
    interval: str = "1m"  # how often the vendor judges it
    lost: list[str] = field(default_factory=list)  # what the rule does not do, or does otherwise
    impossible: str = ""
    notes: list[str] = field(default_factory=list)  # what belongs elsewhere: who is told, how often

    @property
    def verdict(self) -> Verdict:
        return "impossible" if self.impossible else "lossy" if self.lost else "whole"

    def to_json(self) -> dict[str, Any]:
        """`name`, `verdict`, `why` (what is lost, or why nothing is there) and `notes`."""
        return {"name": self.name, "verdict": self.verdict,
                "why": [self.impossible] if self.impossible else self.lost, "notes": self.notes}


def slug(text: str) -> str:
    """A name for entries and metrics: small letters, digits and `-`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "imported"


def as_text(text: str) -> str:
    """Text that is no template of ours."""
    if not any(sign in text for sign in ("{{", "{%", "{#")):
        return text
    return f"{{% raw %}}{text}{{% endraw %}}" if "endraw" not in text else re.sub(r"[{}]", "", text)


def groups(found: Iterable[Imported], source: Source) -> dict[str, Any]:
    """A file of rules/: a group for each interval, and one for the second rules of a name, as those of warnings."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    taken: set[tuple[str, str]] = set()
    intervals: dict[str, str] = {}
    for one in found:
        for rule in one.rules:
            alert, count = rule["alert"], 1
            while (alert, str(rule.get("labels"))) in taken:
                count += 1
                alert = f"{rule['alert']} {count}"
            name = f"{source} {one.interval}"
            name += " warning" if any(alert == other["alert"] for other in by_name.get(name, ())) else ""
            taken.add((alert, str(rule.get("labels"))))
            intervals[name] = one.interval
            by_name.setdefault(name, []).append({**rule, "alert": alert})
    return {"groups": [{"name": name, "interval": intervals[name], "rules": rules}
                       for name, rules in sorted(by_name.items())]}


def entries(found: Iterable[Imported]) -> dict[str, Any]:
    """A file of metrics/: what those rules judge, each thing once."""
    kept: list[dict[str, Any]] = []
    for one in found:
        if one.entry is None or any(_same(one.entry, other) for other in kept):
            continue
        name, count = one.entry["name"], 1
        while any(other["name"] == name for other in kept):
            count += 1
            name = f"{one.entry['name']}-{count}"
        kept.append({**one.entry, "name": name})
    return {"metrics": kept}


def _same(entry: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return {**entry, "name": ""} == {**other, "name": ""}


class _Plain(yaml.SafeDumper):
    """Without anchors: what stands in two places is written twice."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def written(document: Mapping[str, Any], comments: Sequence[str] = ()) -> str:
    """YAML for people."""
    text = yaml.dump(dict(document), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)
    return "".join(f"# {line}\n" for line in comments) + text
