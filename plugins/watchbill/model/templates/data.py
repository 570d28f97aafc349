"""A notification as the templates of its message see it: Alertmanager's template data.

https://prometheus.io/docs/alerting/latest/notifications/
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from watchbill.model.alerts import Alert, Notification
from watchbill.model.templates.times import Time

_REASONS = {"new": "first notification", "repeat": "repeat interval elapsed", "resolved": "all alerts resolved"}


class Pair(dict[str, str]):
    """One label; `Name` and `Value`."""

    def __str__(self) -> str:
        return f"{{{self['Name']} {self['Value']}}}"


class Strings(list[str]):
    """Texts, with `Join`."""

    def __getitem__(self, key: Any) -> Any:
        return (lambda sign: str(sign).join(self)) if key == "Join" else super().__getitem__(key)


class Pairs(list[Pair]):
    """Labels in order, with `Names` and `Values`."""

    def __getitem__(self, key: Any) -> Any:
        if key in ("Names", "Values"):
            return Strings(pair[key[:-1]] for pair in self)
        return super().__getitem__(key)

    def __str__(self) -> str:
        return ", ".join(f"{pair['Name']}={pair['Value']}" for pair in self)


class Labels:
    """Alertmanager's KV: a label that is absent is empty text. Nothing public, so that any label may have any name."""

    __slots__ = ("_labels",)

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels

    def __getitem__(self, name: str) -> Any:
        if name == "SortedPairs":
            return self._pairs()
        if name in ("Names", "Values"):
            return self._pairs()[name]
        if name == "Remove":
            return lambda names: Labels({key: value for key, value in self._labels.items() if key not in names})
        return self._labels.get(name, "")

    def _pairs(self) -> Pairs:
        """By name, alertname first."""
        names = sorted(self._labels, key=lambda name: (name != "alertname", name))
        return Pairs(Pair(Name=name, Value=self._labels[name]) for name in names)

    def __contains__(self, name: object) -> bool:
        return name in self._labels

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._labels))

    def __len__(self) -> int:
        return len(self._labels)

    def __str__(self) -> str:
        return str(self._pairs())


class Alerts(list["Struct"]):
    """Alerts in order, with `Firing` and `Resolved`."""

    def __getitem__(self, key: Any) -> Any:
        if key in ("Firing", "Resolved"):
            return Alerts(alert for alert in self if alert["Status"] == key.lower())
        return super().__getitem__(key)


class Struct:
    """Named values, read only."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def names(self) -> list[str]:
        return list(self._fields)

    def __str__(self) -> str:
        """As Go prints a struct."""
        return f"{{{' '.join(map(str, self._fields.values()))}}}"


def names(notification: Notification, external_url: str = "") -> dict[str, Any]:
    """`Receiver`, `Status`, `Alerts`, …; the labels of the route are still to come."""
    alerts = notification.alerts
    options = notification.channel.options
    return {
        "Receiver": notification.receiver,
        "Status": notification.status,
        "Alerts": Alerts(map(_alert, alerts)),
        "GroupLabels": Labels(notification.group_labels),
        "CommonLabels": Labels(_common([alert.labels for alert in alerts])),
        "CommonAnnotations": Labels(_common([alert.annotations for alert in alerts])),
        "ExternalURL": external_url,
        "GroupKey": notification.group_key,
        "NotificationReason": _reason(notification),
        "RouteLabels": Labels({}),
        "ReceiverLabels": Labels(options.get("receiver_labels", {})),
    }


def _reason(notification: Notification) -> str:
    """In Alertmanager's words, as far as it has one."""
    if notification.reason == "changed":
        return "some alerts resolved" if any(one.status == "resolved" for one in notification.alerts) else (
            "new alerts added")
    return _REASONS.get(notification.reason, notification.reason or "unknown")


def _alert(alert: Alert) -> Struct:
    return Struct({
        "Status": alert.status, "Labels": Labels(alert.labels), "Annotations": Labels(alert.annotations),
        "StartsAt": Time(alert.starts_at), "EndsAt": Time(alert.ends_at), "Fingerprint": alert.fingerprint,
        "GeneratorURL": alert.annotations.get("graph_url") or str(alert.metadata.get("log", "")),
        "Metadata": Labels({name: value if isinstance(value, str) else str(value)
                            for name, value in alert.metadata.items()}),
    })


def _common(every: Sequence[Mapping[str, str]]) -> dict[str, str]:
    first, *others = every or [{}]
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}
