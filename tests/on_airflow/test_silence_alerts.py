"""The form of silence_alerts: a silence, once, by whoever triggered; and its early end."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.on_airflow.running import Airflow
from watchbill.model.windows import floor_time

pytestmark = pytest.mark.server
AT = floor_time(datetime.now(UTC), 3600)


def test_the_form_adds_a_silence_once_however_often_the_task_runs(airflow: Airflow):
    conf = {"matchers": ['service="checkout"', 'host=~"web-.*"'], "comment": "1e5 reasons", "duration": "2h"}
    for _ in range(2):
        run = airflow.run("silence_alerts", AT, conf, run_after=AT)
        assert run.state == "success"
    [silence] = airflow.ledger.silences()
    assert [str(matcher) for matcher in silence.matchers] == conf["matchers"]
    assert (silence.comment, silence.ends_at - silence.starts_at) == ("1e5 reasons", timedelta(hours=2))
    assert silence.author == "dag_test"  # who triggered
    assert [each["id"] for each in run.answers["silence_alerts"]] == [silence.id]


def test_the_form_takes_a_start_an_end_and_an_author(airflow: Airflow):
    start, end = AT + timedelta(days=1), AT + timedelta(days=2)
    airflow.run("silence_alerts", conf={"matchers": ["Errors"], "comment": "it's \"us\"", "author": "<ann>",
                                        "start": start.isoformat(), "end": end.isoformat()})
    [silence] = airflow.ledger.silences()
    assert (silence.starts_at, silence.ends_at) == (start, end)
    assert (silence.author, silence.comment) == ("<ann>", "it's \"us\"")


def test_the_form_ends_silences_and_may_try_again(airflow: Airflow):
    airflow.run("silence_alerts", conf={"matchers": ["Errors"], "comment": "x"})
    [silence] = airflow.ledger.silences()
    for _ in range(2):
        run = airflow.run("silence_alerts", conf={"expire": [silence.id], "author": "bob"})
        assert run.state == "success"
    assert [each.expired_by for each in airflow.ledger.silences()] == ["bob"]


@pytest.mark.parametrize(("conf", "says"), [
    ({}, "there is nothing to do"),
    ({"matchers": ["a=~.*"], "comment": "x"}, "at least one matcher must ask for a label"),
    ({"matchers": ["Errors"]}, "a silence needs a comment"),
    ({"matchers": ["Errors"], "comment": "x", "duration": "long"}, "duration: 'long' is no duration"),
    ({"expire": ["nope"]}, "there is no silence 'nope'"),
])
def test_what_cannot_be_is_told_at_once(airflow: Airflow, conf, says):
    run = airflow.run("silence_alerts", conf=conf)
    assert run.tries == {"silence_alerts": 1}
    assert says in run.error("silence_alerts")
    assert airflow.ledger.silences() == []
