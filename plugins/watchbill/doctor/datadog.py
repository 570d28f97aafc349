"""Datadog, tried: each of the two keys, and what the application key may do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from watchbill.dashboards.live.datadog_calls import Calls, Refused
from watchbill.doctor.checks import Check, Outcome, Subject
from watchbill.model.failures import SourceError
from watchbill.sources.datadog.keys import check_api_key, check_application_key, misspelt
from watchbill.sources.errors import Asked

_KEY = "the API key is not good"


def collection(client: Any, site: str, subject: Subject, now: datetime) -> Iterator[Check]:
    asked = Asked("Datadog", site, subject.connection, "checking its keys")
    key = _api_key(client, asked)
    yield subject.check("API key", key)
    if key.status != "ok":
        yield subject.untried("timeseries_query", _KEY)
        return
    try:
        check_application_key(client, asked, now)
    except SourceError as error:
        yield subject.check("timeseries_query", Outcome("missing", str(error)))
    else:
        yield subject.check("timeseries_query", Outcome("ok"))


def dashboards(client: Any, site: str, subject: Subject) -> Iterator[Check]:
    key = _api_key(client, Asked("Datadog", site, subject.connection, "checking its keys"))
    yield subject.check("API key", key)
    if key.status != "ok":
        yield from (subject.untried(scope, _KEY) for scope in ("dashboards_read", "dashboards_write"))
        return
    try:
        Calls(client).list()
    except Refused as error:
        yield subject.check("dashboards_read", Outcome("missing", _advice(error)))
    else:
        yield subject.check("dashboards_read", Outcome("ok"))
    yield subject.untried("dashboards_write", "only writing a dashboard tells; sync_dashboards does")


def _api_key(client: Any, asked: Asked) -> Outcome:
    try:
        check_api_key(client, asked)
    except SourceError as error:
        wrong = misspelt(asked.where)
        return Outcome("missing", f"{error}{f'; {wrong}' if wrong else ''}")
    return Outcome("ok")


def _advice(error: Refused) -> str:
    if error.status in (401, 403):
        return f"{error}. Give the application key the scope dashboards_read, and its owner a role that has it"
    return str(error)
