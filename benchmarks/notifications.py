"""Ten thousand alerts in a hundred groups of four teams, from the verdict that they fire to receivers that answer at
once; beside Alertmanager, which keeps nothing before it sends.
"""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.alerts import alert, many, pace, routing
from benchmarks.benchmark import Benchmark, Given, Size, Work, cpu_s_of

_START = datetime(2026, 3, 2, tzinfo=UTC)
_TICK = timedelta(minutes=5)
_TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
_TAKEN = (b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId>'
          b"</PublishResult></PublishResponse>")


@contextmanager
def _stage(_: Path, size: Size) -> Iterator[Given]:
    """A database, and an SNS that takes everything."""
    from benchmarks.answers import serving
    from benchmarks.postgres import postgres

    with postgres() as url, serving(lambda _: _TAKEN, r"Version=(\d+)", "text/xml") as sns:
        yield {"url": url, "sns": sns, **size}


def _watchbill(given: Given, folder: Path) -> Work:  # noqa: ARG001
    from benchmarks.postgres import new_database, server_of
    from watchbill.alerts.ledger import Ledger
    from watchbill.flows.dispatch_notifications import dispatch_notifications
    from watchbill.model.alerting import Alerting

    url = new_database(given["url"])
    # Airflow runs the tasks of several receivers side by side, each in a process that it forks.
    tasks = ProcessPoolExecutor(given["receivers"], get_context("fork"), _prepare, (url, given["sns"]))
    tasks.submit(_is_ready).result()
    ledger = Ledger.open(url)
    ledger.migrate()
    server = server_of(ledger)
    alerting = Alerting.model_validate(routing(given, sns_configs=[{"topic_arn": _TOPIC}]))
    told: list[int] = []
    took_s: list[float] = []
    server_s: list[float] = []

    def turn(number: int) -> int:
        now = _START + number * _TICK
        started, before_s = perf_counter(), cpu_s_of(server)
        _judge(ledger, number, now, given)
        told.extend(tasks.map(_task, dispatch_notifications(alerting, ledger, now=now), [now] * given["receivers"]))
        took_s.append(perf_counter() - started)
        server_s.append(cpu_s_of(server) - before_s)
        return many(number, given)

    def outcome() -> str:
        tasks.shutdown()
        ledger.close()
        return f"{sum(told)} alerts were told"

    return Work(turn, 1, outcome, facts=lambda: pace(given, took_s[-1], server_s[-1]), servers=sorted(tasks._processes))


_deliver: Callable[[str, datetime], int]
"""Of a task's process: everything that is due to a receiver; how many alerts were told."""


def _prepare(url: str, sns_url: str) -> None:
    import boto3

    from watchbill.alerts.ledger import Ledger
    from watchbill.channels import sns
    from watchbill.flows.deliver_notifications import deliver_notifications

    ledger = Ledger.open(url)
    client = sns.prepared(boto3.client("sns", endpoint_url=sns_url, region_name="eu-west-1",
                                       aws_access_key_id="benchmark", aws_secret_access_key="benchmark"))

    def deliver(receiver: str, now: datetime) -> int:
        report = deliver_notifications(ledger, receiver, lambda one: sns.send(one, client), now=now)
        return sum(one["firing"] for one in report.sent)

    global _deliver
    _deliver = deliver


def _task(receiver: str, now: datetime) -> int:
    return _deliver(receiver, now)


def _is_ready() -> bool:
    return callable(_deliver)



def _judge(ledger: Any, number: int, now: datetime, size: Size) -> None:
    """As an evaluation writes what begins to fire."""
    from watchbill.alerts import changes
    from watchbill.model.alerts import fingerprint
    from watchbill.model.json import as_json

    found = changes.Changes(heads=[changes.Head("web/HighLatency", "firing", now, now, None, no_data=False, at=now,
                                                picture='"unit":""')])
    rows = [alert(number, one, size) for one in range(many(number, size))]
    marks = [fingerprint(labels) for labels, _ in rows]
    found.standing.add([0] * len(rows), marks, marks, [now.isoformat()] * len(rows),
                       [as_json(labels) for labels, _ in rows], [as_json(said) for _, said in rows],
                       ['{"value":1.2}'] * len(rows), [found.place_of('"series":[]')] * len(rows))
    with ledger.transaction() as tx:
        changes.write(tx, found, now=now)


def _alertmanager(given: Given, folder: Path) -> Work:
    from benchmarks import alertmanager

    return alertmanager.work(folder, given)


ALERTMANAGER = shutil.which("prometheus-alertmanager") is not None

BENCHMARK = Benchmark(
    "notifications", "Notifications: 10,000 alerts in 100 groups of 4 receivers, PostgreSQL ledger"
    + ("" if ALERTMANAGER else " (Alertmanager is not installed here, and so not beside it)"),
    "from the verdict to the receiver; its points are alerts", stage=_stage,
    baseline="Alertmanager" if ALERTMANAGER else "watchbill",
    sides=({"Alertmanager": _alertmanager} if ALERTMANAGER else {}) | {"watchbill": _watchbill},
    full={"alerts": 10_000, "groups": 100, "receivers": 4},
    tiny={"alerts": 1000, "groups": 4, "receivers": 4})  # of fewer, Alertmanager takes less time than can be measured
