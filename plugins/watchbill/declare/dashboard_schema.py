"""The JSON Schema of files of dashboards/, for editors: made of the models that read them.

What models cannot tell it does not know: whether a metric is collected, and what a cloud would refuse.
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from watchbill.model.dashboards import Dashboard
from watchbill.model.dashboards.templates import DashboardTemplates, Use

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REPEATED = ("WidgetMetric", "MetricWidget", "LogWidget", "TextWidget", "AlarmWidget", "RawWidget", "GroupWidget")
_FOR_EACH: Schema = {
    "type": "object", "additionalProperties": {"type": "array", "minItems": 1}, "minProperties": 1,
    "description": "Write it once for each combination of these values: ${name} in its texts stands for one.",
}
_ARGUMENT: Schema = {"type": "string", "pattern": r"\$\{[a-z_][a-z0-9_]*\}"}


def dashboard_schema() -> Schema:
    """Of a dashboard, which may use templates and repeat itself."""
    schema = _made(Dashboard)
    _loosen(schema["properties"], schema["$defs"])
    return {"$schema": _DIALECT, "title": "A dashboard of Watchbill"} | {
        key: value for key, value in schema.items() if key != "title"}


def template_schema() -> Schema:
    """Of a file of dashboards/templates/."""
    dashboard, schema = dashboard_schema(), _made(DashboardTemplates)
    template = schema["$defs"]["DashboardTemplate"]
    template["properties"]["widgets"] = dashboard["properties"]["widgets"] | {"minItems": 1}
    return {"$schema": _DIALECT, "title": "Templates of Watchbill's dashboards"} | {
        key: value for key, value in schema.items() if key != "title"} | {"$defs": dashboard["$defs"] | schema["$defs"]}


def _made(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(by_alias=True, schema_generator=GenerateJsonSchema)


def _loosen(properties: Schema, definitions: Schema) -> None:
    definitions["Use"] = Use.model_json_schema(by_alias=True)
    definitions["Use"]["properties"]["for_each"] = _FOR_EACH
    for name in _REPEATED:
        definitions[name]["properties"]["for_each"] = _FOR_EACH
    for widgets in (properties["widgets"], definitions["GroupWidget"]["properties"]["widgets"]):
        widgets["items"] = {"anyOf": [widgets["items"], {"$ref": "#/$defs/Use"}]}
    for definition in definitions.values():
        for key, value in definition.get("properties", {}).items():
            if key != "type":
                definition["properties"][key] = _or_argument(value)
    for key in ("compute", "group_by"):
        several = definitions["DatadogLogs"]["properties"][key]
        definitions["DatadogLogs"]["properties"][key] = {"anyOf": [several["items"], several]}
    scalars = {"type": ["string", "number", "boolean"]}  # `port: 80` is read as the text 80
    definitions["WidgetMetric"]["properties"]["dimensions"]["additionalProperties"] = {
        "anyOf": [scalars, {"type": "array", "items": scalars}]}


def _or_argument(value: Schema) -> Schema:
    """Where no text may stand, or none of that form, `${name}` may all the same."""
    if value.get("type") in ("integer", "number", "boolean") or any(key in value for key in ("enum", "pattern")):
        about = {key: value[key] for key in ("default", "title", "description") if key in value}
        return about | {"anyOf": [{key: each for key, each in value.items() if key not in about}, _ARGUMENT]}
    if "anyOf" in value and not any(each == {"type": "string"} for each in value["anyOf"]):
        return value | {"anyOf": [*value["anyOf"], _ARGUMENT]}
    return value
