"""A user's DAGs: one that is watched, one of which only the DAG's callback speaks, as after a task was killed, and one
that says nothing."""

from datetime import UTC, datetime

from airflow.sdk import DAG, Param, task
from airflow.sdk.log import mask_secret

from watchbill.on_airflow.notifier import FailureNotifier, watch


@task
def load(part, error="", secret=""):
    mask_secret(secret)
    if error:
        raise RuntimeError(error)


params = {name: Param("", type="string") for name in ("error", "secret")}
start = datetime(2024, 1, 1, tzinfo=UTC)

with DAG("nightly", schedule=None, start_date=start, params=params) as dag:
    mapped = load.override(task_id="load_parts").partial(error="{{ params.error }}").expand(part=["a", "b"])
    load.override(task_id="load_whole")(part=mapped, error="{{ params.error }}", secret="{{ params.secret }}")

watch(dag)

with DAG("killed", schedule=None, start_date=start, params=params, on_failure_callback=[FailureNotifier("critical")]):
    load(part="all", error="{{ params.error }}")

with DAG("quiet", schedule=None, start_date=start, params=params):
    load(part="all", error="{{ params.error }}")
