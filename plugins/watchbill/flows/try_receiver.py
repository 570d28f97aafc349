"""A marked message through each channel of a receiver, past ledger and routing: what a person sees of them, now."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watchbill.flows.samples import notification_of, sample_picture, trial_alert
from watchbill.model.alerts import Alert, Answer, Channel, Notification
from watchbill.model.failures import TransportError
from watchbill.model.templates.rendering import addressed

Send = Callable[[Notification], Answer]


@dataclass(frozen=True)
class Tried:
    """One message to one channel."""

    channel: Channel
    status: str  # firing | resolved
    answer: Answer | None  # None: refused
    error: str = ""


def try_receiver(
    receiver: str, channels: Sequence[tuple[Channel, bool]], send: Send, *, author: str, now: datetime, end: bool,
) -> Iterator[Tried]:
    """One by one, as they are sent. `channels`: each with its `send_resolved`. `end`: tell those the end too."""
    alert = trial_alert(receiver, author=author, now=now)
    for channel, tells_end in channels:
        yield (first := _try(notification_of([alert], receiver, channel, now=now, picture=sample_picture("TEST", now)),
                             send))
        if end and tells_end and first.answer is not None:
            yield _try(_ended(alert, receiver, channel, first.answer, now), send)


def _ended(alert: Alert, receiver: str, channel: Channel, answer: Answer, now: datetime) -> Notification:
    over = replace(alert, status="resolved", ends_at=now)
    made = notification_of([over], receiver, channel, now=now)
    thread = {name: str(value) for name, value in answer.items()}
    return replace(made, id=f"{made.id}-end", thread=thread, told=frozenset({alert.fingerprint}))


def _try(notification: Notification, send: Send) -> Tried:
    try:
        return Tried(notification.channel, notification.status, send(addressed(notification)))
    except TransportError as error:
        return Tried(notification.channel, notification.status, None, str(error))
