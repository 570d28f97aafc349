"""Acknowledgements by hand, from a form: somebody has taken alerts on, so nothing of them is repeated or escalated.

Until they resolve, or until the time that is given. An alert that fires again later is not acknowledged. The same on
the command line: `watchbill alerts ack` and `unack`; `watchbill alerts list` shows the fingerprints.
"""

from airflow.sdk import Param

from watchbill.on_airflow.operators.acknowledge_alerts import AcknowledgeAlertsOperator
from watchbill.on_airflow.schedule import watchbill_dag

params = {
    "alerts": Param(
        [],
        type=["null", "array"],
        items={"type": "string"},
        title="Alerts",
        description="Fingerprints, one a line, or matchers that all must match",
    ),
    "comment": Param("", type=["null", "string"], title="Comment", description="What is being done"),
    "author": Param(None, type=["null", "string"], title="Author", description="Empty: who triggers"),
    "for": Param(None, type=["null", "string"], title="For", description="30m, 4h, 2d; empty: until they resolve"),
    "until": Param(None, type=["null", "string"], format="date-time", title="Until", description="Instead of For"),
    "withdraw": Param(False, type="boolean", title="Withdraw", description="Give them back: repeats go on"),
}

with watchbill_dag("acknowledge_alerts", doc=__doc__, schedule=None, params=params) as dag:
    AcknowledgeAlertsOperator(
        task_id="acknowledge_alerts",
        alerts="{{ params.alerts }}",
        comment="{{ (params.comment or '') | tojson }}",
        author="{{ (params.author or '') | tojson }}",
        for_="{{ params['for'] }}",
        until="{{ params.until }}",
        withdraw="{{ params.withdraw }}",
    )
