"""One operator for each move of the flow; each opens what it needs inside `execute` and calls one verb."""
