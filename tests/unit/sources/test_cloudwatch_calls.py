"""botocore's client is left as it was."""

from typing import Any

import boto3
import pytest

from watchbill.sources.cloudwatch.calls import by_newest_names


def test_older_names_of_events_are_known_again_afterwards() -> None:
    client: Any = boto3.client("cloudwatch", region_name="eu-west-1")
    seen: list[str] = []
    with pytest.raises(ValueError, match="odd"), by_newest_names(client):
        raise ValueError("odd")
    client.meta.events.register("needs-retry.autoscaling.Any", lambda **_: seen.append("called"))
    client.meta.events.emit("needs-retry.auto-scaling.Any")
    assert seen == ["called"]
