"""What v1 takes beyond one metric query: arithmetic and functions over several, `100 * sum:a{*} / abs(sum:b{*})`.

Text in; the queries in it out, with the formula that joins them by the names q0, q1, ...
https://docs.datadoghq.com/dashboards/functions/
"""

import re
from dataclasses import dataclass

from sandbox.datadog.query import AGGREGATORS, MetricQuery, leading, parse

_QUERY = re.compile(rf"(?:(?:{'|'.join(AGGREGATORS)}):)?[A-Za-z][\w.]*\s*\{{")


@dataclass(frozen=True)
class Expression:
    formula: str
    queries: tuple[MetricQuery, ...]

    @property
    def is_query(self) -> bool:
        """Whether it is one metric query and nothing else."""
        return self.formula.strip() == "q0"

    def shown(self, texts: list[str]) -> str:
        """The formula with texts in place of the queries' names."""
        return re.sub(r"\bq(\d+)\b", lambda found: texts[int(found[1])], self.formula.strip())


def read(text: str) -> Expression:
    """Raises `Refused` (400) where a query in it cannot be parsed, or there is none."""
    queries: list[MetricQuery] = []
    formula, at = "", 0
    while at < len(text):
        if _QUERY.match(text, at) and not formula[-1:].isalnum():
            query, at = leading(text, at)
            formula += f"q{len(queries)}"
            queries.append(query)
        else:
            formula += text[at]
            at += 1
    if not queries or formula.strip() == "q0":
        return Expression("q0", (parse(text),))
    return Expression(formula, tuple(queries))
