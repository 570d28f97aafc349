"""What a widget loses on a cloud: a widget of the model goes in, every loss comes out, so that none is silent.

lossy: the same series or query is still shown, but not all of it as declared. impossible: it is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from watchbill.model.dashboards import AlarmWidget, Cloud, LogWidget, RawWidget, Variable, Widget

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Loss:
    path: Path  # in the widget: ("metrics", 0, "statistic")
    kind: Literal["lossy", "impossible"]
    reason: str
    fix: str = ""


def losses(widget: Widget, cloud: Cloud, variables: Sequence[Variable] = ()) -> list[Loss]:  # noqa: ARG001
    """None where the widget is whole there."""
    if isinstance(widget, LogWidget | AlarmWidget | RawWidget) and getattr(widget, cloud) is None:
        return [Loss((), "impossible", "it has no words for this cloud", f"write `{cloud}:` too, or name its `clouds`")]
    return []
