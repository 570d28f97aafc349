"""The form of acknowledge_alerts: what fires is taken on, once, by whoever triggered; and given back."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.server import Sandbox
from tests.on_airflow.running import Airflow

pytestmark = pytest.mark.server


@pytest.fixture
def mark(airflow: Airflow, sandbox: Sandbox) -> str:
    airflow.run("send_alert", conf={"title": "Stock is low"})
    [one] = airflow.ledger.standings(now=datetime.now(UTC))
    return one.alert.fingerprint


def test_the_form_takes_on_and_gives_back(airflow: Airflow, mark: str):
    run = airflow.run("acknowledge_alerts", conf={"alerts": [mark], "comment": "1e5", "for": "2h"})
    assert run.answers["acknowledge_alerts"] == [mark]
    [one] = airflow.ledger.standings(now=datetime.now(UTC))
    assert (one.acknowledged.author, one.acknowledged.comment) == ("dag_test", "1e5")
    assert one.acknowledged.until - one.acknowledged.created_at == timedelta(hours=2)
    airflow.run("acknowledge_alerts", conf={"alerts": ['alertname="Stock is low"'], "withdraw": True})
    [one] = airflow.ledger.standings(now=datetime.now(UTC))
    assert one.acknowledged is None


@pytest.mark.parametrize(("conf", "says"), [
    ({}, "there is nothing to do"),
    ({"alerts": ["Nope"]}, "no alert that fires matches"),
    ({"alerts": ["Nope"], "for": "1h", "until": "2030-01-01T00:00:00Z"}, "give a time or a duration, not both"),
    ({"alerts": ["Nope"], "for": "long"}, "for: 'long' is no duration"),
])
def test_what_cannot_be_is_told_at_once(airflow: Airflow, conf, says):
    run = airflow.run("acknowledge_alerts", conf=conf)
    assert run.tries == {"acknowledge_alerts": 1}
    assert says in run.error("acknowledge_alerts")
