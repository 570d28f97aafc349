"""A log widget -> the definition of Datadog's: a list of events, or what is computed of them.

docs.datadoghq.com/dashboards/widgets/list
"""

from typing import Any

from watchbill.model.dashboards import DatadogLogs, LogCompute, LogGroup

Body = dict[str, Any]

_COLUMNS = (("status_line", "auto"), ("timestamp", "auto"), ("host", "auto"), ("service", "auto"),
            ("content", "compact"))  # as Datadog's own editor begins
_STREAMS = {"logs": "logs_stream", "events": "event_stream", "rum": "rum_stream", "spans": "trace_stream",
            "audit": "audit_stream", "security_signals": "security_signals_stream", "ci_tests": "ci_test_stream",
            "ci_pipelines": "ci_pipeline_stream"}
_KINDS = {"line": "timeseries", "area": "timeseries", "bars": "timeseries", "bar": "toplist", "number": "query_value",
          "table": "query_table", "pie": "sunburst"}


def log_definition(logs: DatadogLogs) -> Body:
    if logs.view == "list":
        return {"type": "list_stream", "requests": [_stream(logs)]}
    computes = logs.compute or (LogCompute(),)
    over_time = _KINDS[logs.view] == "timeseries"
    made: Body = {
        "response_format": "timeseries" if over_time else "scalar",
        "queries": [_query(logs, compute, at) for at, compute in enumerate(computes, 1)],
        "formulas": [{"formula": f"query{at}"} for at in range(1, len(computes) + 1)],
    }
    if over_time:
        made["display_type"] = logs.view
    elif logs.group_by:
        most = min(1000, max(group.limit for group in logs.group_by))
        made["sort"] = {"count": most,
                        "order_by": [{"type": "formula", "index": 0, "order": logs.group_by[0].order}]}
    return {"type": _KINDS[logs.view], "requests": [made]} | ({"autoscale": True} if logs.view == "number" else {})


def _stream(logs: DatadogLogs) -> Body:
    columns = [(name, "auto") for name in logs.columns] or _COLUMNS
    storage = {"storage": logs.storage} if logs.storage else {}
    return {
        "response_format": "event_list",
        "columns": [{"field": name, "width": width} for name, width in columns],
        "query": {"data_source": _STREAMS.get(logs.source, "logs_stream"), "query_string": logs.query,
                  "indexes": list(logs.indexes)} | storage,
    }


def _query(logs: DatadogLogs, compute: LogCompute, at: int) -> Body:
    storage = {"storage": logs.storage} if logs.storage else {}
    return {"data_source": logs.source, "name": f"query{at}", "search": {"query": logs.query},
            "indexes": list(logs.indexes) or ["*"], "compute": _compute(compute),
            "group_by": [_group(each) for each in logs.group_by]} | storage


def _compute(compute: LogCompute) -> Body:
    interval = {"interval": int(compute.interval.total_seconds() * 1000)} if compute.interval else {}
    return {"aggregation": compute.aggregation} | ({"metric": compute.metric} if compute.metric else {}) | interval


def _group(group: LogGroup) -> Body:
    return {"facet": group.facet, "limit": group.limit, "sort": _compute(group.sort) | {"order": group.order}}
