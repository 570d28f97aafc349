"""Silences and inhibition as a live Alertmanager had them, through the functions that dispatch asks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.alerts.cases import load
from watchbill.alerts.quiet import Quiet
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert
from watchbill.model.silences import Silence, parse_matcher

pytestmark = pytest.mark.cases
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
STARTS = {"active": NOW - HOUR, "pending": NOW + HOUR, "expired": NOW - 3 * HOUR}


def _alerting(**parts: Any) -> Alerting:
    return Alerting.model_validate({"route": {"receiver": "ops"}, "receivers": [{"name": "ops"}], **parts})


def _silence(declared: dict[str, Any]) -> Silence:
    matchers = tuple(parse_matcher(text) for text in declared["matchers"])
    starts_at = STARTS[declared["state"]]
    silence = Silence(declared["name"], matchers, starts_at, starts_at + 2 * HOUR, "me", "why", NOW)
    assert silence.state(NOW) == declared["state"]
    return silence


@pytest.mark.parametrize("cases", load("inhibit_silence_live_cases.json"))
def test_silences_match_as_in_a_live_alertmanager(cases: dict[str, Any]) -> None:
    for case in cases["silences"]:
        silences = [_silence(declared) for declared in case["silences"]]
        alerts = {each["id"]: Alert(each["labels"], NOW) for each in case["alerts"]}
        quiet = Quiet(_alerting(), alerts.values(), silences, NOW)
        found = [{"id": name, "silenced_by": quiet.of(one.fingerprint, one).get("silenced", [])}
                 for name, one in ((each["id"], alerts[each["id"]]) for each in case["expected"])]
        assert found == [{**each, "silenced_by": sorted(each["silenced_by"])} for each in case["expected"]]


@pytest.mark.parametrize("cases", load("inhibit_silence_live_cases.json"))
def test_what_is_inhibited_is_so_by_an_alert_that_fires(cases: dict[str, Any]) -> None:
    for case in cases["inhibition"]:
        alerts = {each["id"]: Alert(each["labels"], NOW) for each in case["alerts"]}
        firing = [alerts[each["id"]] for each in case["alerts"] if not each["resolved"]]
        quiet = Quiet(_alerting(inhibit_rules=case["inhibit_rules"]), firing, [], NOW)
        marks = {alert.fingerprint for alert in firing}
        for each in case["expected"]:
            one = alerts[each["id"]]
            sources = quiet.of(one.fingerprint, one).get("inhibited", [])
            assert bool(sources) == each["inhibited"], case
            assert set(sources) <= marks - {alerts[each["id"]].fingerprint}
