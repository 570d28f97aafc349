"""The rows of a CloudWatch metric widget as they are written -> without shorthand: every row in full.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html, "Format for
Each Metric in the Array": `.` is what stands in the same place of the row above, `...` all that stands there of it.
"""

from collections.abc import Sequence
from typing import Any

Row = list[Any]


def expanded(rows: Sequence[Any]) -> list[Any]:
    """Rows of expressions, and what is no row, stay and are nobody's row above. Leaves out nothing and adds nothing."""
    above: list[Any] = []
    whole = []
    for row in rows:
        if not _names_a_metric(row):
            whole.append(row)
            continue
        words, options = split(row)
        above = _filled(words, above)
        whole.append([*above, options] if isinstance(row[-1], dict) else list(above))
    return whole


def split(row: Sequence[Any]) -> tuple[Row, dict[str, Any]]:
    """`[namespace, name, dimension, value, …]` and the options, {} where there are none."""
    if row and isinstance(row[-1], dict):
        return list(row[:-1]), row[-1]
    return list(row), {}


def _names_a_metric(row: Any) -> bool:
    return isinstance(row, list) and bool(row) and isinstance(row[0], str)


def _filled(words: Row, above: Row) -> Row:
    if words.count("...") == 1:
        at = words.index("...")
        after = words[at + 1:]
        words = words[:at] + above[at:max(at, len(above) - len(after))] + after
    return [above[at] if word == "." and at < len(above) else word for at, word in enumerate(words)]
