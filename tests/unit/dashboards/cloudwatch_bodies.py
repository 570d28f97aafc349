"""CloudWatch dashboard bodies as people and consoles write them, shorthand, expressions, oddities and all."""

from typing import Any

from hypothesis import strategies as st

_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
_WORDS = st.sampled_from(["AWS/EC2", "CPUUtilization", "InstanceId", "i-1", "${Name}", "$${Name}", "a b", "*", "!x",
                          "$y", ".", "...", "é", "web-*"])
_NUMBERS = st.one_of(st.integers(-1000, 1000), st.floats(-1e6, 1e6, allow_nan=False), st.just(50.0))
_COLORS = st.sampled_from(["#ff7f0e", "#d13212", "667788", "red"])
_EXPRESSIONS = st.sampled_from([
    "m1 + m2", "m1/m2*100", "FILL(m1, 0)", "FILL(m1, REPEAT)", "SUM(m1)", "SUM([m1, m2])", "AVG(METRICS())",
    "SUM(METRICS(\"m\"))", "IF(m2 > 0, m1/m2, 0)", "IF(m1 > 3, 1, m2)", "SORT(e1, MAX, DESC)", "lambda",
    "SLICE(SORT(SEARCH('{AWS/EC2,InstanceId} MetricName=\"CPUUtilization\"', 'Average', 300), MAX, DESC), 0, 5)",
    "SEARCH('{AWS/EC2,InstanceId} CPUUtilization', 'Average')", "SEARCH('CPU', 'Sum', 60)", "RATE(m1) ^ 2", "-m1",
    "SUM(SEARCH('{shop,service} MetricName=\"errors\" service=(\"a\" OR \"b\")', 'Sum', 60))", "not math (",
    "FILL(SEARCH('{shop,service} MetricName=\"errors\"', 'Sum', 60)/60, 0)", "ANOMALY_DETECTION_BAND(m1, 2)",
    "SEARCH('{AWS/EC2,InstanceId} MetricName=\"CPUUtilization\"', 'Average', 300)",
    "SELECT AVG(CPUUtilization) FROM SCHEMA(\"AWS/EC2\", InstanceId) GROUP BY InstanceId ORDER BY MAX() DESC LIMIT 3",
    "SELECT SUM(errors) FROM shop WHERE service != 'a'", "m1 % 2", "",
])
_OPTIONS = st.fixed_dictionaries({}, optional={
    "id": st.sampled_from(["m1", "m2", "e1", "lambda", "M1"]), "label": _TEXTS | st.just(""), "color": _COLORS,
    "stat": st.sampled_from(["Average", "Sum", "p99", "tm90", "sum", "TM(10%:90%)"]), "visible": st.booleans(),
    "period": st.sampled_from([1, 60, 300, 7, 86400, 0]), "yAxis": st.sampled_from(["left", "right"]),
    "region": st.sampled_from(["eu-west-1", "${AWS::Region}"]), "sparkline": st.booleans(),
    "accountId": st.sampled_from(["123456789012", "12", ""]),
})
_METRICS = st.builds(lambda words, options: [*words, *([options] if options is not None else [])],
                     st.lists(_WORDS, min_size=1, max_size=6), st.none() | _OPTIONS)
_COMPUTED = st.builds(lambda text, options: [{**options, "expression": text}], _EXPRESSIONS, _OPTIONS)
_ROWS = st.lists(_METRICS | _COMPUTED, max_size=4)
_HORIZONTAL = st.fixed_dictionaries({"value": _NUMBERS}, optional={
    "label": _TEXTS, "color": _COLORS, "fill": st.sampled_from(["above", "below", "none"]), "visible": st.booleans(),
    "yAxis": st.sampled_from(["left", "right"])})
_VERTICAL = st.fixed_dictionaries({"value": st.sampled_from(
    ["2026-01-01T00:00:00Z", "2026-01-02T03:04:05.678Z", "2026-01-02", "soon"])}, optional={
    "label": _TEXTS, "fill": st.sampled_from(["before", "after"])})
_ANNOTATIONS = st.fixed_dictionaries({}, optional={
    "horizontal": st.lists(_HORIZONTAL | st.lists(_HORIZONTAL, min_size=2, max_size=2), max_size=2),
    "vertical": st.lists(_VERTICAL | st.lists(_VERTICAL, min_size=2, max_size=2), max_size=2),
    "alarms": st.lists(st.sampled_from(["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a", "ref"]), max_size=2)})
_AXIS = st.fixed_dictionaries({}, optional={
    "min": _NUMBERS, "max": _NUMBERS, "label": _TEXTS, "showUnits": st.booleans()})
_METRIC = st.fixed_dictionaries({"region": st.sampled_from(["eu-west-1", "$${AWS::Region}", ""])}, optional={
    "metrics": _ROWS, "view": st.sampled_from(["timeSeries", "bar", "singleValue", "gauge", "table", "pie", "odd"]),
    "stacked": st.booleans(), "title": _TEXTS | st.just(""), "period": st.sampled_from([60, 300, 7, "auto"]),
    "stat": st.sampled_from(["Average", "p99", "Sum"]), "annotations": _ANNOTATIONS, "liveData": st.booleans(),
    "yAxis": st.fixed_dictionaries({}, optional={"left": _AXIS, "right": _AXIS}), "start": st.just("-PT3H"),
    "legend": st.fixed_dictionaries({"position": st.sampled_from(["right", "hidden", "inside"])}),
    "setPeriodToTimeRange": st.booleans(), "sparkline": st.booleans(), "table": st.just({"layout": "vertical"})})
_QUERIES = st.sampled_from([
    "SOURCE '/aws/lambda/${F}' | fields @timestamp, @message | filter @message like /ERROR/ | limit 20",
    "SOURCE \"a\" | SOURCE 'b' |stats count(*) by bin(5m)", "SOURCE logGroups(namePrefix: ['/aws/']) | fields x",
    "fields @message", "SOURCE 'a'", "SOURCE 'a' | parse @message '*' as x"])
_LOG = st.fixed_dictionaries({"region": st.just("eu-west-1"), "query": _QUERIES}, optional={
    "view": st.sampled_from(["table", "timeSeries", "bar", "pie"]), "stacked": st.booleans(), "title": _TEXTS,
    "queryBy": st.just("logGroupPrefixes")})
_TEXT = st.fixed_dictionaries({"markdown": _TEXTS | st.just("") | st.just("# ${Title}\n[button:Go](https://x)")},
                              optional={"background": st.just("transparent")})
_ALARM = st.fixed_dictionaries({"alarms": st.lists(st.sampled_from(["arn:aws:cloudwatch:x", "ref"]), max_size=2)},
                               optional={"title": _TEXTS, "sortBy": st.just("stateUpdatedTimestamp")})
_OTHER = st.fixed_dictionaries({"endpoint": _TEXTS}, optional={"params": st.just({"a": {"b": [1, None, {"c": None}]}})})
_PLACES = st.fixed_dictionaries({}, optional={
    "x": st.integers(0, 23), "y": st.integers(0, 50), "width": st.integers(1, 24), "height": st.integers(1, 1000)})


def _widget(kind: str, properties: dict[str, Any], place: dict[str, int]) -> dict[str, Any]:
    return {"type": kind, **place, "properties": properties}


def _of(kind: str, properties: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(_widget, st.just(kind), properties, _PLACES)


_WIDGETS = st.one_of(_of("metric", _METRIC), _of("metric", _METRIC), _of("log", _LOG), _of("text", _TEXT),
                     _of("alarm", _ALARM), _of("custom", _OTHER), _of("explorer", _OTHER), _of("chart", _OTHER))
_VARIABLES = st.lists(st.fixed_dictionaries({
    "type": st.sampled_from(["property", "pattern"]), "id": st.sampled_from(["InstanceId", "region", "x", "1"]),
    "inputType": st.sampled_from(["input", "select", "radio"])}, optional={
    "property": st.sampled_from(["InstanceId", "region"]), "pattern": st.just("web"), "defaultValue": st.just("a"),
    "label": _TEXTS, "values": st.just([{"value": "a", "label": "A"}]), "visible": st.booleans(),
    "search": st.just("{AWS/EC2,InstanceId}")}), max_size=2)

BODIES = st.fixed_dictionaries({"widgets": st.lists(_WIDGETS, max_size=4)}, optional={
    "start": st.sampled_from(["-PT3H", "-P14D", "-P1M", "-PT90M", "2026-01-01T00:00:00Z"]),
    "end": st.just("2026-01-02T00:00:00Z"), "periodOverride": st.sampled_from(["auto", "inherit"]),
    "variables": _VARIABLES})
