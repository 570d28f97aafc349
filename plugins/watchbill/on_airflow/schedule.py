"""What every DAG file declares with: the tick as a timetable, and the manners of all our tasks."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, CronDataIntervalTimetable, CronTriggerTimetable, Param, RetryDecision, RetryPolicy

from watchbill.model.failures import DeclarationError, SourceError, TransportError, WatchbillError
from watchbill.on_airflow import declarations
from watchbill.on_airflow.notifier import FailureNotifier, RecoveryNotifier

START = datetime(2024, 1, 1, tzinfo=UTC)

METRICS_PARAM = Param(
    None, type=["null", "array"], title="Metrics",
    description="Names of entries of include/metrics; all of them where empty",
)
OVER_BUDGET_PARAM = Param(False, type="boolean", title="Over the budget",
                          description="Collect even where the day's budget in watchbill.yaml does not allow it")
WINDOW_PARAMS = {
    "start": Param(None, type=["null", "string"], format="date-time", title="Start, inclusive",
                   description="Empty, together with the end: the usual window"),
    "end": Param(None, type=["null", "string"], format="date-time", title="End, exclusive"),
    "metrics": METRICS_PARAM,
    "over_budget": OVER_BUDGET_PARAM,
}


class ReadTheError(RetryPolicy):
    """Tries again when the error says that this can help, after as long as the vendor asked for."""

    def evaluate(self, exception: BaseException, *_: Any, **__: Any) -> RetryDecision:
        if isinstance(exception, SourceError) and exception.retryable:
            wait = timedelta(seconds=exception.retry_after_s) if exception.retry_after_s else None
            return RetryDecision.retry(wait, str(exception))
        if _is_for_good(exception):
            return RetryDecision.fail(str(exception))
        return RetryDecision.default()


def _is_for_good(exception: BaseException) -> bool:
    """A second try would fail alike or, where notifications died, find nothing left to do and hide that."""
    if isinstance(exception, TransportError):
        return exception.permanent
    return isinstance(exception, SourceError | DeclarationError) or type(exception) is WatchbillError


def tick() -> CronDataIntervalTimetable:
    """Whole intervals of the tick, each run started at its end."""
    return CronDataIntervalTimetable(cron(declarations.settings_or_defaults().tick), timezone="UTC")


def cron(span: timedelta) -> str:
    """A span that divides an hour or a day, as the cron expression whose intervals are that long."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 60:
        return f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    return f"0 */{minutes // 60} * * *" if minutes < 1440 else "0 0 * * *"


def between_ticks() -> CronTriggerTimetable:
    """As often as the tick and half a tick later, when the tick's own tasks have had the machine."""
    minutes = max(1, int(declarations.settings_or_defaults().tick.total_seconds()) // 60)
    late_minutes, late_s = minutes // 2, minutes % 2 * 30
    if minutes < 60:
        when = f"{late_minutes}-59/{minutes} * * * * {late_s}"  # the sixth field is the second
    else:
        when = f"{late_minutes % 60} {late_minutes // 60}-23/{minutes // 60} * * *"
    return CronTriggerTimetable(when, timezone="UTC")


def off_the_tick(expression: str) -> CronTriggerTimetable:
    """As the cron expression says, 45 seconds later: the tasks of a tick, and of half a tick, come first."""
    return CronTriggerTimetable(f"{expression} 45", timezone="UTC")


def asking(*, history: bool = False) -> dict[str, Any]:
    """For tasks that ask a source: the pool they share, where live collection comes first.

    Those of a backfill run one at a time, because each takes history's whole part of the account's quotas.
    """
    manners = {"pool": declarations.settings_or_defaults().pool, "weight_rule": "absolute"}
    return manners | ({"priority_weight": 1, "max_active_tis_per_dag": 1} if history else {"priority_weight": 10})


def watchbill_dag(dag_id: str, *, doc: str, reads: Iterable[Callable[[], object]] = (), **kwargs: Any) -> DAG:
    """A DAG with our manners: aware start, no catch-up, few retries, and a page when it fails.

    `reads`: what of the declarations its tasks read. Where that is broken, the DAG is there all the same and says so.
    """
    broken = declarations.problems(declarations.settings, *reads)
    defaults = {
        "retries": 2,
        "retry_delay": timedelta(seconds=10),
        "retry_policy": ReadTheError(),
        "on_failure_callback": [FailureNotifier()],
    }
    return DAG(
        dag_id,
        start_date=START,
        catchup=False,
        default_args=defaults,
        on_failure_callback=[FailureNotifier()],
        on_success_callback=[RecoveryNotifier()],
        doc_md=f"**The declarations are broken:**\n```\n{broken}\n```\n\n{doc}" if broken else doc,
        tags=["watchbill", *(["broken declarations"] if broken else [])],
        render_template_as_native_obj=True,
        **kwargs,
    )
