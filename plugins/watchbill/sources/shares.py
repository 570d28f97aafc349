"""Requests -> shares: what one mapped task of Airflow is given to do."""

from collections.abc import Iterable

from watchbill.model.targets import Target
from watchbill.sources.request import Request

MOST_REQUESTS = 20
"""A share's most: a retry of the task repeats no more than this many requests."""


def shares(requests: Iterable[Request], *,
           target_points: int = MOST_REQUESTS * 100_800) -> list[list[Request]]:
    """Requests of one target, in their order, until a share holds `target_points`.

    Starting a task costs Airflow about as much CPU as reading a million points, so a share is some
    full-size requests of history, or twenty small ones of a live window. Give `to_json()` of each to XCom.
    """
    out: list[list[Request]] = []
    open_shares: dict[Target, list[Request]] = {}
    for request in requests:
        share = open_shares.get(request.target)
        if share is None or _full(share, request, target_points):
            share = open_shares[request.target] = []
            out.append(share)
        share.append(request)
    return out


def _full(share: list[Request], request: Request, target_points: int) -> bool:
    points = sum(one.points for one in share) + request.points
    return len(share) >= MOST_REQUESTS or points > target_points
