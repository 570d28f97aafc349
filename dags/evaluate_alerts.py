"""lake -> rules -> alert state and outbox -> Slack, SES and SNS.

Wakes when a source's live window is whole in the lake, and between any two ticks all the same: missing
data, repeats and retries must not depend on a collection that succeeded.
"""

from airflow.sdk import AssetOrTimeSchedule

from watchbill.on_airflow import declarations
from watchbill.on_airflow.assets import COLLECTED
from watchbill.on_airflow.operators.evaluate_rules import DeliverNotificationsOperator, EvaluateRulesOperator
from watchbill.on_airflow.schedule import between_ticks, watchbill_dag

schedule = AssetOrTimeSchedule(assets=COLLECTED["cloudwatch"] | COLLECTED["datadog"], timetable=between_ticks())

reads = [declarations.rules, declarations.alerting]
# Two, one for each source: the second need not wait for what the first sends. They never judge or send the same.
with watchbill_dag("evaluate_alerts", doc=__doc__, reads=reads, schedule=schedule, max_active_runs=2) as dag:
    evaluate = EvaluateRulesOperator(task_id="evaluate_rules")
    DeliverNotificationsOperator.partial(
        task_id="deliver_notifications", map_index_template="{{ task.receiver }}"
    ).expand(receiver=evaluate.output)
