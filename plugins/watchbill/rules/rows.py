"""What an `sql` condition says of the rows that its query answered: `value`, and labels in all other columns."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.failures import RuleError
from watchbill.model.rules import Sql
from watchbill.rules.conditions import Verdict, compare
from watchbill.rules.judge import Values
from watchbill.rules.label_sets import LabelSets

MOST_ROWS = 10_000
VALUE = "value"


def judge_rows(condition: Sql, rows: pa.Table) -> Verdict:
    """Raises RuleError where the rows are no label sets with a number each."""
    if len(rows) > MOST_ROWS:
        raise RuleError(f"the query answers {len(rows):,} rows; {MOST_ROWS:,} alerts of one rule are the most")
    names = [name for name in rows.column_names if name != VALUE]
    if len(set(rows.column_names)) < len(rows.column_names):
        raise RuleError("the query answers two columns of one name: give each a name of its own")
    labels = [{name: str(value) for name, value in row.items() if value not in (None, "")}
              for row in rows.select(names).to_pylist()] if names else [{} for _ in range(len(rows))]
    sets = LabelSets(labels)
    if len(sets.places) < len(labels):
        raise RuleError("the query answers several rows for the same labels: group them, or select more columns")
    column = _numbers(rows)
    if condition.comparison is None or condition.threshold is None:
        every: Any = pa.repeat(pa.scalar(True), len(rows))
        return Verdict(Values(sets, column), every)
    return Verdict(Values(sets, column), compare(condition.comparison, column, condition.threshold))


def _numbers(rows: pa.Table) -> Any:
    if VALUE not in rows.column_names:
        return pa.array([1.0] * len(rows), pa.float64())
    try:
        whole: Any = rows[VALUE].cast(pa.float64()).combine_chunks()
    except pa.ArrowException:
        raise RuleError(f"`value` of the query is {rows[VALUE].type}, not a number") from None
    return whole if isinstance(whole, pa.Array) else pc.fill_null(whole, 0)
