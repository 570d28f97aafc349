"""What a rule says of other rules and of the lake: rules in; alerts, rings and queries that are wrong out."""

from collections.abc import Iterable, Iterator

from watchbill.declare.files import close
from watchbill.declare.parts import Located
from watchbill.declare.rule_files import LocatedGroup
from watchbill.model.failures import Finding
from watchbill.model.rules import Composite, Rule, Sql, family, members, named

_POINTS = """CREATE TABLE points (id VARCHAR, timestamp TIMESTAMPTZ, source VARCHAR, namespace VARCHAR, name VARCHAR,
    value DOUBLE, unit VARCHAR, dimensions MAP(VARCHAR, VARCHAR), statistic VARCHAR, period BIGINT, account VARCHAR,
    region VARCHAR, tags MAP(VARCHAR, VARCHAR), vanished BOOLEAN)"""
_SERIES = "CREATE VIEW series AS SELECT DISTINCT * EXCLUDE (id, timestamp, value, vanished) FROM points"


def check_composites(groups: Iterable[LocatedGroup]) -> Iterator[Finding]:
    """Alerts that are not there, and composites that are composed of themselves."""
    groups = list(groups)
    rules = named(group.value for group in groups)
    alerts = sorted({rule.alert for _, rule in rules.values()})
    for group in groups:
        for located in group.rules:
            rule = located.value
            if not isinstance(rule.condition, Composite):
                continue
            for alert, found in members(rule, rules).items():
                if not found:
                    near = close(alert, alerts)
                    yield located.finding("condition", "expression", problem=f"no rule is called `{alert}`",
                                          fix=f"did you mean {near}?" if near else f"there are {', '.join(alerts)}")
            name = next(each for each, (_, one) in rules.items() if one is rule)
            try:
                family(name, rules)
            except ValueError as error:
                yield located.finding("condition", "expression", problem=str(error), fix="take one of them out")


def check_query(rule: Located[Rule]) -> Iterator[Finding]:
    """A query that would fail at night: bound to empty views, and not run."""
    condition = rule.value.condition
    if not isinstance(condition, Sql):
        return
    import duckdb  # takes 60 ms, and few rules are SQL

    with duckdb.connect() as connection:
        connection.execute(_POINTS)
        connection.execute(_SERIES)
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        try:
            statements = connection.extract_statements(condition.query)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                yield rule.finding("condition", "query", problem="is not one SELECT", fix="the lake is only read")
                return
            answer = connection.sql(condition.query)
        except duckdb.Error as error:
            said = " ".join(str(error).split("\n\nLINE ")[0].split("\nLINE ")[0].split())
            yield rule.finding("condition", "query", problem=said)
            return
        if condition.threshold is not None and "value" not in answer.columns:
            yield rule.finding("condition", "query", problem="selects no column `value` to compare",
                               fix="name what is compared: SELECT …, avg(value) AS value")
