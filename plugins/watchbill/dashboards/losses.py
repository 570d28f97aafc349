"""What a widget loses on a cloud: it is rendered, and every loss that the renderer notes comes out."""

from collections.abc import Sequence

from watchbill.dashboards.lost import Loss, Lost
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.model.dashboards import Cloud, Dashboard, Variable, Widget

__all__ = ["Loss", "all_losses", "losses"]

_ANY_REGION = "eu-west-1"  # none is lost by its name


def losses(widget: Widget, cloud: Cloud, variables: Sequence[Variable] = ()) -> list[Loss]:
    """With paths in the widget; of a group those of its widgets too. None where it is whole there, and none where an
    `override` says what is shown instead.
    """
    alone = Dashboard(id="alone", title="alone", clouds=(cloud,), variables=tuple(variables))
    found = all_losses(alone.model_copy(update={"widgets": (widget,)}), cloud)
    return [Loss(one.path[2:], one.kind, one.reason, one.fix, one.is_absent)
            for one in found if one.path[:1] == ("widgets",)]


def all_losses(dashboard: Dashboard, cloud: Cloud) -> list[Loss]:
    """Of the whole dashboard, with paths in it: its variables and tags, then every widget that is for that cloud."""
    lost = Lost()
    if cloud == "cloudwatch":
        to_cloudwatch(dashboard, _ANY_REGION, lost)
    else:
        to_datadog(dashboard, lost)
    return list(dict.fromkeys(lost.losses))
