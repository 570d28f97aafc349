"""Shares for dynamic task mapping."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from watchbill.model.series import Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.request import Query, Request
from watchbill.sources.shares import shares

START = datetime(2026, 3, 1, tzinfo=UTC)
SERIES = Series("cloudwatch", "1", "eu-west-1", "shop", "errors", "Sum", 60)


def request(points: int, connection: str = "aws_default") -> Request:
    window = Window(START, START + timedelta(minutes=points))
    return Request(Target("cloudwatch", connection), window, (Query("shop", SERIES),))


def sizes(requests: list[Request], **options: int) -> list[int]:
    return [len(share) for share in shares(requests, **options)]


def test_twenty_requests_of_a_live_window_are_one_task() -> None:
    assert sizes([request(5)] * 20) == [20]
    assert sizes([request(5)] * 45) == [20, 20, 5]


def test_a_share_stops_before_it_holds_too_many_points() -> None:
    assert sizes([request(60), request(30), request(20), request(90)], target_points=100) == [2, 1, 1]


def test_a_request_larger_than_the_target_has_a_share_of_its_own() -> None:
    assert sizes([request(500), request(1)], target_points=100) == [1, 1]


def test_connections_never_mix() -> None:
    mixed = [request(5), request(5, "aws_other"), request(5)]
    assert [[one.connection for one in share] for share in shares(mixed)] == [
        ["aws_default"] * 2,
        ["aws_other"],
    ]


def test_every_request_is_in_exactly_one_share() -> None:
    many = [replace(request(number % 7 + 1), calls=number) for number in range(100)]
    assert sorted(one.calls for share in shares(many, target_points=9) for one in share) == list(range(100))


def test_nothing_to_do_is_no_share() -> None:
    assert shares([]) == []
