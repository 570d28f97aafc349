"""Points at rest: Arrow tables go in from the sources and come out for rules, people and SQL."""
