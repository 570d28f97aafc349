"""The widgets that this project speaks of, as JSON schemas built from few words: closed objects, loose inside.

Nothing is checked here; `dashboard_rules` does. https://docs.datadoghq.com/dashboards/widgets/
"""

from sandbox.datadog.schema import ANY, BOOL, COUNT, NUMBER, TEXT, WHOLE, Schema, closed, either, loose, many, one_of

ORDER = one_of("asc desc")
ALIGN = one_of("center left right")
FORMAT = one_of("timeseries scalar event_list")
AGGREGATION = one_of("count cardinality median pc75 pc90 pc95 pc98 pc99 sum min max avg")
COMBINE = one_of("avg last max min sum area l2norm percentile")

SPAN = one_of("1m 5m 10m 15m 30m 1h 4h 1d 2d 1w 1mo 3mo 6mo week_to_date month_to_date 1y alert")
SPAN_UNIT = one_of("minute hour day week month year")
TIME = either(
    loose(live_span=SPAN, hide_incomplete_cost_data=BOOL),
    loose(
        {"type": one_of("live"), "value": {"type": "integer", "minimum": 1}, "unit": SPAN_UNIT},
        hide_incomplete_cost_data=BOOL,
    ),
    loose({"type": one_of("fixed"), "from": COUNT, "to": COUNT}, hide_incomplete_cost_data=BOOL),
    loose({"type": one_of("monthly")}),  # written by the editor alone
)

AXIS = loose(include_zero=BOOL, label=TEXT, max=TEXT, min=TEXT, scale=TEXT)
MARKER = loose({"value": TEXT}, display_type=TEXT, label=TEXT, time=TEXT)
CUSTOM_LINK = loose(is_hidden=BOOL, label=TEXT, link=TEXT, override_label=TEXT)
COMPARATOR = one_of("= > >= < <=")
PALETTE = one_of(
    "blue custom_bg custom_image custom_text gray_on_white grey green orange red red_on_white white_on_gray"
    " white_on_green green_on_white white_on_red white_on_yellow yellow_on_white black_on_light_yellow"
    " black_on_light_green black_on_light_red"
)
CONDITIONAL_FORMAT = loose(
    {"comparator": COMPARATOR, "value": NUMBER, "palette": PALETTE},
    custom_bg_color=TEXT,
    custom_fg_color=TEXT,
    hide_value=BOOL,
    image_url=TEXT,
    metric=TEXT,
    timeframe=TEXT,
)

METRIC_QUERY = loose(
    {"data_source": one_of("metrics"), "name": TEXT, "query": TEXT},
    aggregator=COMBINE,
    cross_org_uuids=many(TEXT, most=1),
    semantic_mode=one_of("combined native"),
)
UI_KEYS: dict[str, Schema] = {"should_exclude_missing": BOOL, "target": ANY}  # written by the editor alone
GROUP_SORT = loose({"aggregation": AGGREGATION}, metric=TEXT, order=ORDER, target=ANY)
EVENT_QUERY = loose(
    {
        "data_source": one_of(
            "logs spans network rum security_signals profiles audit events ci_tests ci_pipelines errors"
            " incident_analytics product_analytics on_call_events llm_observability"
        ),
        "name": TEXT,
        "compute": loose({"aggregation": AGGREGATION}, interval=WHOLE, metric=TEXT, target=ANY),
    },
    cross_org_uuids=many(TEXT, most=1),
    group_by=either(
        many(loose({"facet": TEXT}, limit=WHOLE, sort=GROUP_SORT, **UI_KEYS)),
        loose({"fields": many(TEXT)}, limit=WHOLE, sort=GROUP_SORT),
    ),
    indexes=many(TEXT),
    search=loose({"query": TEXT}),
    storage=TEXT,
)
OTHER_QUERY: Schema = {  # of products that this project does not speak of: taken as it is
    "type": "object",
    "required": ["data_source"],
    "properties": {
        "data_source": one_of(
            "process container apm_dependency_stats apm_resource_stats apm_metrics slo cloud_cost"
            " product_analytics_extended product_analytics_journey"
            " product_analytics_retention traces"
        )
    },
}
QUERIES = many(either(METRIC_QUERY, EVENT_QUERY, OTHER_QUERY))
FORMULA = loose(
    {"formula": TEXT},
    alias=TEXT,
    cell_display_mode=one_of("number bar trend"),
    cell_display_mode_options=loose(
        trend_type=one_of("area line bars"), y_scale=one_of("shared independent")
    ),
    conditional_formats=many(CONDITIONAL_FORMAT),
    limit=loose(count=WHOLE, order=ORDER),
    number_format=loose(unit=ANY, unit_scale={"type": ["object", "null"]}),
    style=loose(palette=TEXT, palette_index=WHOLE),
)
OLD_COMPUTE = loose({"aggregation": TEXT}, facet=TEXT, interval=WHOLE)
OLD_SORT = loose({"aggregation": TEXT, "order": ORDER}, facet=TEXT)
OLD_QUERY = loose(
    compute=OLD_COMPUTE,
    multi_compute=many(OLD_COMPUTE),
    group_by=many(loose({"facet": TEXT}, limit=WHOLE, sort=OLD_SORT)),
    index=TEXT,
    search=loose({"query": TEXT}),
)
OLD_KINDS = "apm audit event log network profile_metrics rum security"
REQUEST: dict[str, Schema] = {
    "q": TEXT,
    "queries": QUERIES,
    "formulas": many(FORMULA),
    "response_format": FORMAT,
    "process_query": loose({"metric": TEXT}, filter_by=many(TEXT), limit=COUNT, search_by=TEXT),
    **{f"{kind}_query": OLD_QUERY for kind in OLD_KINDS.split()},
}
SORT_BY = loose(
    count=COUNT,
    order_by=many(
        either(
            loose({"type": one_of("formula"), "index": COUNT, "order": ORDER}),
            loose({"type": one_of("group"), "name": TEXT, "order": ORDER}),
        )
    ),
)
STYLE = loose(
    line_type=one_of("dashed dotted solid"),
    line_width=one_of("normal thick thin"),
    order_by=one_of("tags values"),
    order_reverse=BOOL,  # not in the published definition; the UI writes it
    palette=TEXT,
)
LINE_STYLE = STYLE | {"properties": STYLE["properties"] | {"has_value_labels": BOOL}}
BARS_STYLE = loose(
    display=either(
        loose({"type": one_of("stacked")}, legend=one_of("automatic inline none")),
        loose({"type": one_of("flat")}),
    ),
    palette=TEXT,
    scaling=one_of("absolute relative"),
)
TITLE: dict[str, Schema] = {"title": TEXT, "title_align": ALIGN, "title_size": TEXT}
TITLED: dict[str, Schema] = {**TITLE, "description": TEXT, "time": TIME}
LINKED: dict[str, Schema] = {**TITLED, "custom_links": many(CUSTOM_LINK)}
LEGEND: dict[str, Schema] = {"show_legend": BOOL, "legend_size": TEXT}

TIMESERIES_REQUEST = closed(
    **REQUEST,
    display_type=one_of("area bars line overlay"),
    metadata=many(closed({"expression": TEXT}, alias_name=TEXT)),
    on_right_yaxis=BOOL,
    style=LINE_STYLE,
)
LIST_QUERY = loose(
    {
        "data_source": one_of(
            "logs_stream audit_stream ci_pipeline_stream ci_test_stream rum_issue_stream apm_issue_stream"
            " trace_stream logs_issue_stream logs_pattern_stream logs_transaction_stream event_stream"
            " rum_stream llm_observability_stream issue_stream security_runtime_stream"
            " security_signals_stream incidents_stream"
        ),
        "query_string": TEXT,
    },
    assignee_uuids=many(TEXT),
    clustering_pattern_field_path=TEXT,
    compute=many(loose({"aggregation": TEXT}, facet=TEXT), 1, 5),
    event_size=one_of("s l"),
    group_by=many(loose({"facet": TEXT}), most=4),
    indexes=many(TEXT),
    persona=one_of("all browser mobile backend"),
    sort=loose({"column": TEXT, "order": ORDER}),
    states=many(one_of("OPEN IGNORED ACKNOWLEDGED RESOLVED")),
    storage=TEXT,
    suspected_causes=many(TEXT),
    team_handles=many(TEXT),
    version=one_of("sequential_query"),
)
TABLE_REQUEST = closed(
    **REQUEST,
    aggregator=COMBINE,
    alias=TEXT,
    apm_stats_query=ANY,
    cell_display_mode=many(one_of("number bar trend")),
    conditional_formats=many(CONDITIONAL_FORMAT),
    limit=WHOLE,
    order=ORDER,
    sort=SORT_BY,
    text_formats=many(many(ANY, 1)),
)


def widget(kind: str, needed: dict[str, Schema] | None = None, **allowed: Schema) -> Schema:
    return closed({"type": one_of(kind), **(needed or {})}, **allowed)


WIDGETS: dict[str, Schema] = {
    "timeseries": widget(
        "timeseries",
        {"requests": many(TIMESERIES_REQUEST, 1)},
        **LINKED,
        **LEGEND,
        events=many(closed({"q": TEXT}, tags_execution=TEXT)),
        legend_columns=many(one_of("value avg sum min max")),
        legend_layout=one_of("auto horizontal vertical"),
        markers=many(MARKER),
        yaxis=AXIS,
        right_yaxis=AXIS,
    ),
    "query_value": widget(
        "query_value",
        {
            "requests": many(
                closed(
                    **REQUEST,
                    aggregator=COMBINE,
                    comparison=ANY,
                    conditional_formats=many(CONDITIONAL_FORMAT),
                ),
                1,
                1,
            )
        },
        **LINKED,
        autoscale=BOOL,
        custom_unit=TEXT,
        precision=WHOLE,
        text_align=ALIGN,
        timeseries_background=closed({"type": one_of("bars area")}, yaxis=AXIS),
    ),
    "toplist": widget(
        "toplist",
        {
            "requests": many(
                closed(**REQUEST, conditional_formats=many(CONDITIONAL_FORMAT), sort=SORT_BY, style=STYLE)
            )
        },
        **LINKED,
        style=BARS_STYLE,
    ),
    "bar_chart": widget(
        "bar_chart",
        {
            "requests": many(
                closed(**REQUEST, conditional_formats=many(CONDITIONAL_FORMAT), sort=SORT_BY, style=STYLE),
                1,
                1,
            )
        },
        **LINKED,
        style=BARS_STYLE,
    ),
    "query_table": widget(
        "query_table",
        {"requests": many(TABLE_REQUEST)},
        **LINKED,
        has_search_bar=one_of("always never auto"),
    ),
    "sunburst": widget(
        "sunburst",
        {"requests": many(closed(**REQUEST, sort=SORT_BY, style=closed(palette=TEXT)), 1)},
        **LINKED,
        hide_total=BOOL,
        legend=closed(
            {"type": one_of("table none inline automatic")},
            hide_percent=BOOL,
            hide_value=BOOL,
        ),
    ),
    "list_stream": widget(
        "list_stream",
        {
            "requests": many(
                closed(
                    {
                        "columns": many(closed({"field": TEXT, "width": one_of("auto compact full")})),
                        "query": LIST_QUERY,
                        "response_format": one_of("event_list"),
                    }
                ),
                1,
                1,
            )
        },
        **TITLED,
        **LEGEND,
    ),
    "note": widget(
        "note",
        {"content": TEXT},
        background_color=TEXT,
        font_size=TEXT,
        has_padding=BOOL,
        show_tick=BOOL,
        text_align=ALIGN,
        tick_edge=one_of("bottom left right top"),
        tick_pos=TEXT,
        vertical_align=one_of("center top bottom"),
    ),
    "image": widget(
        "image",
        {"url": TEXT},
        has_background=BOOL,
        has_border=BOOL,
        horizontal_align=ALIGN,
        margin=one_of("sm md lg small large"),
        sizing=one_of("fill contain cover none scale-down zoom fit center"),
        url_dark_theme=TEXT,
        vertical_align=one_of("center top bottom"),
    ),
    "iframe": widget("iframe", {"url": TEXT}),
    "free_text": widget(
        "free_text",
        {"text": TEXT},
        background_color=TEXT,
        color=TEXT,
        font_size=TEXT,
        text_align=ALIGN,
    ),
    "alert_graph": widget(
        "alert_graph", {"alert_id": TEXT, "viz_type": one_of("timeseries toplist")}, **TITLED
    ),
    "alert_value": widget(
        "alert_value",
        {"alert_id": TEXT},
        **TITLE,
        description=TEXT,
        precision=WHOLE,
        text_align=ALIGN,
        unit=TEXT,
    ),
    "check_status": widget(
        "check_status",
        {"check": TEXT, "grouping": one_of("check cluster")},
        **TITLED,
        group=TEXT,
        group_by=many(TEXT),
        tags=many(TEXT),
    ),
    "group": widget(
        "group",
        {"layout_type": one_of("ordered"), "widgets": many(ANY)},
        title=TEXT,  # its size is refused
        title_align=ALIGN,
        background_color=TEXT,
        banner_img=TEXT,
        show_title=BOOL,
    ),
}
