"""Datadog's monitors, as its API lists them, one by one into rules.

https://docs.datadoghq.com/api/latest/monitors/ and https://docs.datadoghq.com/monitors/guide/monitor_api_options
"""

import re
from collections.abc import Mapping
from typing import Any

from watchbill.model.languages.datadog_expression import SELECTION
from watchbill.model.series import FORMULA
from watchbill.rules.importing.datadog_composites import compose
from watchbill.rules.importing.datadog_message import message
from watchbill.rules.importing.imported import Imported, ImpossibleError, slug

_QUERY = re.compile(
    r"\s*(?:(?P<change>change|pct_change)\(\s*)?(?P<over>avg|sum|min|max)\(last_(?P<window>\w+)\)"
    r"(?:\s*,\s*last_(?P<since>\w+)\s*\))?:\s*(?P<judged>.+?)\s*(?P<sign>>=|<=|>|<|==|!=)\s*"
    r"(?P<threshold>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*", re.DOTALL)
_STATISTICS = {"avg": "Average", "sum": "Sum", "min": "Minimum", "max": "Maximum", "count": "SampleCount"}
_ALONE = ("anomalies", "outliers", "forecast", "robust_trend", "trend_line", "piecewise_constant")
_TYPES = ("metric alert", "query alert")
_SEVERITIES = {1: "critical", 2: "error", 3: "warning", 4: "info", 5: "info"}
Monitor = Mapping[str, Any]


def imported(answer: Any) -> list[Imported]:
    """A list of monitors, or one, or `{"monitors": […]}`. Raises ValueError for anything else."""
    if isinstance(answer, dict):
        answer = answer.get("monitors", [answer])
    if not isinstance(answer, list) or not all(isinstance(one, dict) and "query" in one for one in answer):
        raise ValueError("this is no list of Datadog's monitors")
    known: dict[str, Imported] = {}
    for monitor in sorted(answer, key=lambda one: one.get("type") == "composite"):
        found = Imported(_free(str(monitor.get("name") or monitor.get("id")), known))
        known[str(monitor.get("id") or f"#{len(known)}")] = found
        if monitor.get("type") == "composite":
            compose(monitor, found, known)
        else:
            _import(monitor, found)
    return list(known.values())


def _free(name: str, known: Mapping[str, Imported]) -> str:
    """Names of monitors may be there twice, those of alerts not."""
    taken, count = {one.name for one in known.values()}, 1
    while (name if count == 1 else f"{name} {count}") in taken:
        count += 1
    return name if count == 1 else f"{name} {count}"


def _import(monitor: Monitor, found: Imported) -> None:
    try:
        query = _read(monitor)
        condition = _judged(query["judged"], found)
    except ImpossibleError as error:
        found.impossible = str(error)
        return
    of = dict(condition)
    condition |= {"window": query["window"], "aggregate": query["over"], "comparison": query["sign"]}
    if query["since"]:
        kind = "percent" if query["change"] == "pct_change" else "difference"
        condition = {"type": "change", **condition, "change": kind, "offset": query["since"]}
    options = monitor.get("options") or {}
    annotations = message(str(monitor.get("message") or ""), found)
    labels = _labels(monitor)
    for severity, threshold in _thresholds(query, options, labels.get("severity", "")):
        rule: dict[str, Any] = {"alert": found.name, "condition": {**condition, "threshold": threshold}}
        rule["treat_missing_data"] = _missing(options)
        rule["labels"] = {**labels, **({"severity": severity} if severity else {})}
        found.rules.append({name: value for name, value in {**rule, "annotations": annotations}.items() if value})
    _tell_the_rest(monitor, options, found)
    if options.get("notify_no_data") or options.get("on_missing_data") == "show_and_notify_no_data":
        absent = {"type": "absence", **of, "window": f"{options.get('no_data_timeframe') or 10}m"}
        found.rules.append({"alert": f"{found.name} no data", "condition": absent, "labels": labels})


def _read(monitor: Monitor) -> dict[str, str]:
    kind, text = str(monitor.get("type")), str(monitor["query"])
    if kind not in _TYPES:
        raise ImpossibleError(f"is a {kind}: rules judge metrics")
    alone = next((word for word in _ALONE if f"{word}(" in text), None)
    if alone:
        raise ImpossibleError(f"uses {alone}(), which Datadog alone can compute")
    found = _QUERY.fullmatch(text)
    if found is None:
        raise ImpossibleError("its query cannot be read: aggregate(last_…):metric{scope} > threshold was expected")
    for span in filter(None, (found["window"], found["since"])):
        if not re.fullmatch(r"\d+[smhdw]", span):
            raise ImpossibleError(f"judges a calendar span (last_{span})")
    return found.groupdict()


def _judged(text: str, found: Imported) -> dict[str, Any]:
    """What the condition reads; the entry that collects it goes into `found`."""
    text = " ".join(text.split())
    plain = SELECTION.fullmatch(text)
    if plain is None:
        return _computed(text, found)
    namespace, _, metric = plain["metric"].partition(".")
    if not metric:
        namespace, metric = "", namespace
    dimensions = dict.fromkeys(_words(plain["by"] or ""), "*") | _scope(plain["scope"])
    found.entry = {"name": slug(f"{plain['metric']} {' '.join(dimensions)}"), "sources": "datadog",
                   "query": _without_rollup(text, found), "period": "1m"}
    space = plain["space"] or "avg"
    statistic = _STATISTICS.get(space, space)
    of = {"dimensions": dimensions} if dimensions else {}
    return {"source": "datadog", "namespace": namespace, "metric": metric, "statistic": statistic, **of}


def _computed(text: str, found: Imported) -> dict[str, Any]:
    queries: dict[str, str] = {}

    def named(part: re.Match[str]) -> str:
        known = next((name for name, query in queries.items() if query == part[0]), None)
        name = known or f"q{len(queries)}"
        queries[name] = _without_rollup(part[0], found)
        return name

    formula = SELECTION.sub(named, text)
    if not queries:
        raise ImpossibleError("no metric with a scope was found in its query")
    name = slug(found.name).replace("-", "_")
    found.entry = {"name": slug(found.name), "sources": "datadog", "namespace": "imported", "metrics": name,
                   "formula": formula, "queries": queries, "period": "1m"}
    return {"source": "datadog", "namespace": "imported", "metric": name, "statistic": FORMULA}


def _without_rollup(query: str, found: Imported) -> str:
    plain = re.sub(r"\.rollup\([^()]*\)", "", query)
    if plain != query:
        found.lost.append("judges points of one minute, not those of its rollup()")
    return plain


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _scope(scope: str) -> dict[str, str]:
    """The tags that each series of it has; what is negated or has wildcards stays in the query alone."""
    if re.search(r"\s(or|in|and|not)\s|[()]", f" {scope} ", re.IGNORECASE):
        return {}
    pairs = (word.partition(":") for word in _words(scope))
    return {key: value.lower() for key, _, value in pairs if value and "*" not in value and not key.startswith("!")}


def _labels(monitor: Monitor) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in monitor.get("tags") or ():
        key, _, value = str(tag).partition(":")
        if value and re.fullmatch(r"[a-zA-Z_]\w*", key):
            found.setdefault(key, value)
    severity = _SEVERITIES.get(monitor.get("priority") or 0)
    return found | ({"severity": severity} if severity else {})


def _thresholds(query: Mapping[str, str], options: Mapping[str, Any], given: str) -> list[tuple[str, float]]:
    """Its own, and that of its warning as a rule of its own."""
    warning = (options.get("thresholds") or {}).get("warning")
    own = (given or ("critical" if warning is not None else ""), float(query["threshold"]))
    return [own] if warning is None else [own, ("warning", float(warning))]


def _missing(options: Mapping[str, Any]) -> str:
    """https://docs.datadoghq.com/monitors/configuration/#no-data"""
    if options.get("on_missing_data") == "resolve":
        return "notBreaching"
    return "ignore"


def _tell_the_rest(monitor: Monitor, options: Mapping[str, Any], found: Imported) -> None:
    thresholds = options.get("thresholds") or {}
    recovers = any(thresholds.get(name) is not None for name in ("critical_recovery", "warning_recovery"))
    waits = options.get("new_group_delay") or options.get("new_host_delay", 300) != 300
    found.lost += [told for is_lost, told in (
        (recovers, "resolves at its threshold: there is no other one for recovery"),
        (options.get("require_full_window"), "does not wait for a full window of data"),
        (waits, "judges new groups from their first point on"),
        (options.get("timeout_h"), f"does not resolve by itself after {options.get('timeout_h')} h"),
    ) if is_lost]
    again, late = options.get("renotify_interval"), options.get("evaluation_delay")
    found.notes += [told for is_there, told in (
        (len(found.rules) > 1, "the rule of its warning fires beside the other one: an inhibit rule keeps it quiet"),
        (again, f"is repeated every {again} min: write repeat_interval in its route"),
        (late, f"is judged {late} s late: write delay at its entry in metrics/"),
        (options.get("silenced"), "is muted now: add a silence"),
        (monitor.get("restricted_roles"), "only some roles may edit it: that is for the repository to say"),
    ) if is_there]
