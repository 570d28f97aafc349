from datetime import UTC, datetime, timedelta

from watchbill.alerts import states
from watchbill.alerts.ledger import Ledger
from watchbill.flows.send_alert import send_alert
from watchbill.model.alerts import Alert, Channel

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def test_what_is_over_goes_and_what_fires_or_waits_stays(ledger: Ledger) -> None:
    old, new = ({"alertname": name} for name in ("Old", "New"))
    with ledger.transaction() as tx:
        for labels in (old, new):
            alert = Alert(labels=labels, starts_at=NOW - 40 * DAY)
            states.put(tx, alert, states.SENT, "firing", now=NOW - 40 * DAY)
        states.resolve(tx, Alert(labels=old, starts_at=NOW).fingerprint, states.SENT, at=NOW - 39 * DAY,
                       now=NOW - 39 * DAY)
    waiting = Alert(labels={"alertname": "Waiting"}, starts_at=NOW - 40 * DAY)
    send_alert(waiting, ledger, None, now=NOW - 40 * DAY, channels=[Channel("slack", "#ops", "slack_api_default")])
    gone = ledger.expire(30 * DAY, now=NOW)
    assert (gone["alerts"], gone["outbox"]) == (1, 0)
    assert [one.alert.labels["alertname"] for one in ledger.alerts(["firing", "resolved"])] == ["New", "Waiting"]
    assert ledger.history() == []
