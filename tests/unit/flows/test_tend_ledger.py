"""What has been over for longer than the setting says leaves the ledger."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from watchbill.alerts import states
from watchbill.alerts.ledger import Ledger
from watchbill.declare.load import load_settings
from watchbill.flows.tend_ledger import tend_ledger
from watchbill.model.alerts import Alert
from watchbill.model.failures import DeclarationError
from watchbill.model.settings import Settings

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def resolved(ledger: Ledger, name: str, days_ago: int) -> None:
    alert, then = Alert(labels={"alertname": name}, starts_at=NOW - 200 * DAY), NOW - days_ago * DAY
    with ledger.transaction() as tx:
        states.put(tx, alert, states.SENT, "firing", now=alert.starts_at)
        states.resolve(tx, alert.fingerprint, states.SENT, at=then, now=then)


@pytest.mark.parametrize(("given", "left"), [({}, {"New"}), ({"ledger_retention": "100d"}, {"New", "Older"}),
                                             ({"ledger_retention": "7d"}, set())])
def test_alerts_that_were_over_for_so_long_go(tmp_path: Path, given: dict[str, str], left: set[str]) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db")
    ledger.migrate()
    for name, days_ago in (("New", 10), ("Older", 95), ("Oldest", 150)):
        resolved(ledger, name, days_ago)
    settings = Settings(**given)
    with capture_logs() as logs:
        deleted = tend_ledger(ledger, now=NOW, settings=settings)
    assert {one.alert.labels["alertname"] for one in ledger.alerts(["resolved"])} == left
    assert deleted["alerts"] == 3 - len(left)
    assert logs == [{"event": "ledger_tended", "log_level": "info", "deleted": deleted,
                     "retention_s": int(settings.ledger_retention.total_seconds())}]


def test_a_retention_of_hours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "watchbill.yaml").write_text("ledger_retention: 12h\n")
    with pytest.raises(DeclarationError, match=r"watchbill\.yaml:1: ledger_retention: .*keep at least 7d"):
        load_settings(tmp_path, {})
