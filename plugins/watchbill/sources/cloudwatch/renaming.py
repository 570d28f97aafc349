"""The text of metric math: what it computes with is renamed, so that expressions can share a request.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import re
from collections.abc import Mapping

from watchbill.model.cloudwatch_math import is_select
from watchbill.model.series import Series

_QUOTED = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_WORD = re.compile(rf"({_QUOTED})|\bMETRICS\(\s*({_QUOTED})?\s*\)|(?<![\w.$])([A-Za-z]\w*)")


def renamed(text: str, ids: Mapping[str, str], queries: Mapping[str, str | Series]) -> str:
    """The text with each name of `ids` outside of quotes replaced; SELECT cannot name other queries.

    METRICS() means all metrics of a request, those of others too: it becomes the list of its own.
    """
    if is_select(text):
        return text

    def replaced(found: re.Match[str]) -> str:
        if found[3]:
            return ids.get(found[3], found[3])
        if found[1]:
            return found[1]
        part = (found[2] or '""')[1:-1]
        return f"[{','.join(ids[name] for name, one in queries.items() if isinstance(one, Series) and part in name)}]"

    return _WORD.sub(replaced, text)
