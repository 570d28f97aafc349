"""The requests of a Datadog widget over logs, RUM, spans and other events -> a question of the model.

One search with one way of grouping, however much is computed of it: more than that the model does not hold, and the
widget stays in Datadog's own words.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from watchbill.model.languages.datadog_expression import Call, Name, read

Body = Mapping[str, Any]
_STREAMS = {"logs_stream": "logs", "event_stream": "events", "trace_stream": "spans", "audit_stream": "audit",
            "ci_test_stream": "ci_tests", "ci_pipeline_stream": "ci_pipelines"}
_SOURCES = {"logs": "logs", "rum": "rum", "spans": "spans", "events": "events", "audit": "audit",
            "security_signals": "security_signals", "profiles": "profiles", "ci_pipelines": "ci_pipelines",
            "ci_tests": "ci_tests"}
_OLDER = {"log_query": "logs", "rum_query": "rum", "apm_query": "spans", "event_query": "events",
          "security_query": "security_signals", "audit_query": "audit", "profile_metrics_query": "profiles"}


class NotOneSearchError(ValueError):
    """The requests ask more, or other things; the text says what, after `its requests`."""


def source_of(request: Body) -> str:
    """metrics, logs, rum …; "" where it cannot be told."""
    for name, source in _OLDER.items():
        if name in request:
            return source
    queries = request.get("queries")
    if isinstance(queries, list) and queries:
        sources = {str(query.get("data_source")) for query in queries if isinstance(query, Mapping)}
        return "metrics" if "metrics" in sources else "logs" if "logs" in sources else min(sources, default="")
    query = request.get("query")
    if isinstance(query, Mapping):
        source = str(query.get("data_source", ""))
        return _STREAMS.get(source, source)
    return "metrics" if isinstance(request.get("q"), str) else ""


def listed(request: Body) -> dict[str, Any]:
    """Words for DatadogLogs, of a list of events. Raises NotOneSearchError."""
    query = request.get("query")
    if not isinstance(query, Mapping) or query.get("data_source") not in _STREAMS:
        raise NotOneSearchError("list something that is no log or event")
    columns = tuple(str(one.get("field")) for one in request.get("columns") or () if isinstance(one, Mapping))
    words: dict[str, Any] = {"query": str(query.get("query_string") or ""), "source": _STREAMS[query["data_source"]],
                             "view": "list", "columns": columns}
    return words | _where(query)


def computed(requests: list[Any], view: str) -> tuple[dict[str, Any], list[str]]:
    """Words for DatadogLogs, and what they lose. Raises NotOneSearchError."""
    lost: list[str] = []
    queries = [query for request in requests for query in _queries(request, lost)]
    if not queries:
        raise NotOneSearchError("ask nothing")
    first = queries[0]
    if any(query | {"compute": ()} != first | {"compute": ()} for query in queries[1:]):
        raise NotOneSearchError("ask several searches at once")
    computes: list[Any] = []
    computes += (compute for query in queries for compute in query["compute"] if compute not in computes)
    return first | {"compute": tuple(computes), "view": view}, lost


def _queries(request: Any, lost: list[str]) -> Iterator[dict[str, Any]]:
    if not isinstance(request, Mapping):
        raise NotOneSearchError("are not understood")
    older = next((name for name in _OLDER if name in request), "")
    if older:
        yield _older(request[older], _OLDER[older])
        return
    queries = request.get("queries")
    if not isinstance(queries, list):
        raise NotOneSearchError("ask nothing that is known")
    shown = _shown(request, lost)
    yield from (_newer(query) for query in queries
                if shown is None or not isinstance(query, Mapping) or str(query.get("name")) in shown)


def _shown(request: Body, lost: list[str]) -> set[str] | None:
    """The names of the queries that its formulas show; None for all."""
    formulas = request.get("formulas")
    if not formulas:
        return None
    if not isinstance(formulas, list) or not all(isinstance(one, Mapping) for one in formulas):
        raise NotOneSearchError("ask nothing that is known")
    shown: set[str] = set()
    beside: list[tuple[str, str]] = []
    for formula in formulas:
        text = str(formula.get("formula", ""))
        try:
            tree = read(text)
        except ValueError as error:
            raise NotOneSearchError(f"cannot be read: the formula {error}") from None
        if isinstance(tree, Name):
            shown.add(tree.name)
        elif isinstance(tree, Call) and len(tree.arguments) == 1 and isinstance(tree.arguments[0], Name):
            beside.append((tree.arguments[0].name, tree.function))
        else:
            raise NotOneSearchError(f"compute {text}")
    for name, function in beside:
        if function == "default_zero":
            shown.add(name)
        elif name in shown:
            lost.append(f"leaves out {function}()")
        else:
            raise NotOneSearchError(f"compute {function}()")
    return shown


def _newer(query: Any) -> dict[str, Any]:
    if not isinstance(query, Mapping) or query.get("data_source") not in _SOURCES:
        raise NotOneSearchError("ask something that is no log or event")
    search = query.get("search")
    text = str(search.get("query") or "") if isinstance(search, Mapping) else ""
    words = {"query": text, "source": _SOURCES[query["data_source"]],
             "compute": (_compute(query.get("compute")),), "group_by": _grouped(query.get("group_by"))}
    return words | _where(query)


def _older(query: Any, source: str) -> dict[str, Any]:
    if not isinstance(query, Mapping):
        raise NotOneSearchError("are not understood")
    search = query.get("search")
    text = str(search.get("query") or "") if isinstance(search, Mapping) else ""
    computes = query.get("multi_compute") or [query.get("compute")]
    index = query.get("index")
    return {"query": text, "source": source, "compute": tuple(map(_compute, computes)),
            "group_by": _grouped(query.get("group_by")), "indexes": _named((index,) if index else ())}


def _where(query: Body) -> dict[str, Any]:
    return {"indexes": _named(query.get("indexes") or ()),
            "storage": query["storage"] if query.get("storage") in ("online_archives", "flex_tier") else ""}


def _named(indexes: Any) -> tuple[str, ...]:
    """`*` is all of them, as none is."""
    return tuple(str(one) for one in indexes if one not in ("*", "")) if isinstance(indexes, list | tuple) else ()


def _compute(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise NotOneSearchError("compute nothing")
    words: dict[str, Any] = {"aggregation": str(given.get("aggregation") or "count")}
    metric = given.get("metric") or given.get("facet")
    if metric and words["aggregation"] != "count":
        words["metric"] = str(metric)
    interval = given.get("interval")
    if isinstance(interval, int) and interval >= 1000:
        words["interval"] = timedelta(milliseconds=interval)
    return words


def _grouped(given: Any) -> tuple[dict[str, Any], ...]:
    if given is not None and not isinstance(given, list):
        raise NotOneSearchError("group in a way that is not known")
    return tuple(_group(one) for one in given or ())


def _group(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not given.get("facet"):
        raise NotOneSearchError("group in a way that is not known")
    words: dict[str, Any] = {"facet": str(given["facet"])}
    if isinstance(given.get("limit"), int) and 1 <= given["limit"] <= 1000:
        words["limit"] = given["limit"]
    sort = given.get("sort")
    if isinstance(sort, Mapping):
        words["sort"] = _compute({name: value for name, value in sort.items() if name != "interval"})
        words["order"] = "asc" if sort.get("order") == "asc" else "desc"
    return words
