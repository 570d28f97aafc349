"""An alert by hand, from a form: the same ledger, routing and channels as every other.

Without channels, include/alerting.yaml decides who hears of it, by the labels `alertname` (the title),
`severity` and `type`. It then counts as firing until it ends, and is repeated as its route says.
"""

from airflow.sdk import Param

from watchbill.model.alerts import SEVERITIES
from watchbill.on_airflow import declarations
from watchbill.on_airflow.operators.send_alert import SendAlertOperator
from watchbill.on_airflow.schedule import watchbill_dag

params = {
    "title": Param("", type="string", minLength=1, title="Title"),
    "message": Param("", type=["null", "string"], format="multiline", title="Message"),
    "severity": Param("warning", type="string", enum=list(SEVERITIES), title="Severity"),
    "type": Param("manual", type="string", title="Type", description="A label that routes can match"),
    "ends_after": Param("4h", type="string", title="Ends after", description="Then it counts as resolved: 30m, 4h, 2d"),
    "metadata": Param(
        {}, type=["null", "object"], title="Metadata", description='Shown below the message, as {"ticket": "OPS-12"}'
    ),
    "channels": Param(
        None,
        type=["null", "array"],
        items={"type": "object"},  # without it the form takes lines of text
        title="Channels",
        description='Empty: the routing decides. Else slack, email or sns: [{"type": "slack", "target": "#ops"}]',
    ),
}

reads = [declarations.alerting]
with watchbill_dag("send_alert", doc=__doc__, reads=reads, schedule=None, params=params) as dag:
    SendAlertOperator(
        task_id="send_alert",
        type="{{ params.type }}",
        title="{{ params.title }}",
        message="{{ params.message }}",
        severity="{{ params.severity }}",
        metadata="{{ params.metadata }}",
        channels="{{ params.channels }}",
        ends_after="{{ params.ends_after }}",
    )
