"""A user's DAG that sends alerts: one to named channels, one to whom the routing says, one that nobody can take."""

from datetime import UTC, datetime

from airflow.sdk import DAG

from watchbill.on_airflow.operators.send_alert import SendAlertOperator

start = datetime(2024, 1, 1, tzinfo=UTC)
topic = "arn:aws:sns:eu-west-1:123456789012:watchbill-alerts"

with DAG("announcements", schedule=None, start_date=start):
    SendAlertOperator(
        task_id="to_channels",
        title="Release of {{ dag.dag_id }} is out",
        message="See the notes.",
        severity="info",
        metadata={"version": "1.2.3"},
        channels=[
            {"type": "slack", "target": "#ops"},
            {"type": "email", "target": "dev@example.com"},
            {"type": "sns", "target": topic},
        ],
    )
    SendAlertOperator(
        task_id="to_whom_it_concerns", title="Stock is low", severity="critical", type="stock", labels={"shelf": 7}
    )

with DAG("lost_announcement", schedule=None, start_date=start, default_args={"retries": 0}):
    SendAlertOperator(
        task_id="to_nowhere",
        title="Hello",
        channels=[{"type": "slack", "target": "#nowhere"}, {"type": "slack", "target": "#ops"}],
    )
