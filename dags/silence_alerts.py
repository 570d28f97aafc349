"""Silences by hand, from a form: nobody is told of the alerts that match, for a while. Silences end early here too.

All matchers must match. They are Alertmanager's: `service="checkout"`, `severity!="info"`, `host=~"web-.*"`; an absent
label equals an empty one. The same on the command line: `watchbill silence`.
"""

from airflow.sdk import Param

from watchbill.on_airflow.operators.silence_alerts import SilenceAlertsOperator
from watchbill.on_airflow.schedule import watchbill_dag

params = {
    "matchers": Param(
        [], type=["null", "array"], items={"type": "string"}, title="Matchers", description='One a line: service="shop"'
    ),
    "duration": Param("1h", type="string", title="Duration", description="From the start on: 30m, 4h, 2d"),
    "comment": Param("", type=["null", "string"], title="Comment", description="Why, for those who wonder"),
    "author": Param(None, type=["null", "string"], title="Author", description="Empty: who triggers"),
    "start": Param(None, type=["null", "string"], format="date-time", title="Start", description="Empty: now"),
    "end": Param(
        None, type=["null", "string"], format="date-time", title="End", description="Instead of the duration"
    ),
    "expire": Param(
        [], type=["null", "array"], items={"type": "string"}, title="Expire", description="Ids of silences to end now"
    ),
}

with watchbill_dag("silence_alerts", doc=__doc__, schedule=None, params=params) as dag:
    SilenceAlertsOperator(
        task_id="silence_alerts",
        matchers="{{ params.matchers }}",
        duration="{{ params.duration }}",
        comment="{{ (params.comment or '') | tojson }}",
        author="{{ (params.author or '') | tojson }}",
        start="{{ params.start }}",
        end="{{ params.end }}",
        expire="{{ params.expire }}",
    )
