"""What an alert carries so that its series can be drawn."""

from datetime import timedelta

import pytest

from watchbill.model.pictured import Pictured
from watchbill.model.series import Series

SERIES = Series("cloudwatch", "1", "eu-west-1", "shop", "errors", "Sum", 60, (("service", "checkout"),), "Count")


def test_it_comes_back_from_json_as_it_was():
    shown = Pictured((SERIES,), ((5.0, None), (None, 1.0)), "Count", timedelta(minutes=15))
    assert Pictured.of({"graph": shown.to_json()}) == shown


def test_of_many_series_it_carries_ten():
    assert len(Pictured((SERIES,) * 50).to_json()["series"]) == 10


@pytest.mark.parametrize("metadata", [{}, {"graph": None}, {"graph": {}}, {"graph": {"series": []}}])
def test_an_alert_without_series_has_no_picture(metadata):
    if metadata.get("graph") == {}:
        metadata = {"graph": {"series": None}}
    assert Pictured.of(metadata) is None
