"""Whose a dashboard is, as the dashboard itself says it: so that it is found again when all else is lost.

Datadog's list shows the description, but neither tags nor bodies, and titles may repeat: there a mark ends it.
CloudWatch's body has no room for a remark: there the name says it, and a tag proves it where that costs no more calls.
Deployments that share an account or an organisation have different owners (settings.dashboards.owner).
"""

import re

OWNER = "watchbill"
TAG = "watchbill"  # of CloudWatch's resources; its value is owner and id
_MARK = re.compile(r"\[([A-Za-z0-9_]+):([A-Za-z0-9_-]+)\]\s*\Z")
_WHOLE = re.compile(r"(?:\n\n)?Kept by Watchbill from its YAML[^\[\]]*" + _MARK.pattern)
_SAID = "Kept by Watchbill from its YAML: changes made here are overwritten."


def marked(description: str | None, owner: str, dashboard_id: str) -> str:
    """The description with our mark at its end, once, whosever mark was there."""
    plain = unmarked(description)
    return f"{plain}\n\n{mark(owner, dashboard_id)}" if plain else mark(owner, dashboard_id)


def mark(owner: str, dashboard_id: str) -> str:
    return f"{_SAID} [{owner}:{dashboard_id}]"


def unmarked(description: str | None) -> str:
    """What a person has written, to its last space and bracket."""
    return _WHOLE.sub("", description or "")


def owned(description: str | None, owner: str) -> str | None:
    """The id of the declaration that the dashboard is kept from; None for anybody else's."""
    found = _MARK.search(description or "")
    return found[2] if found and found[1] == owner else None


def cloudwatch_name(owner: str, dashboard_id: str) -> str:
    return f"{owner}-{dashboard_id}"


def cloudwatch_id(owner: str, name: str) -> str | None:
    """Owners have no dash, so that one's names never begin with another's."""
    return name.removeprefix(f"{owner}-") if name.startswith(f"{owner}-") else None


def tag_value(owner: str, dashboard_id: str) -> str:
    return f"{owner}/{dashboard_id}"
