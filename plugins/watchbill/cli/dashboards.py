"""`watchbill dashboards`: what is declared beside what the clouds show. Each command stands in a module of its own."""

import typer

from watchbill.cli.dashboards_apply import apply_command
from watchbill.cli.dashboards_convert import convert_dashboards
from watchbill.cli.dashboards_history import history_command, rollback_command
from watchbill.cli.dashboards_import import import_dashboards
from watchbill.cli.dashboards_plan import plan_command
from watchbill.cli.dashboards_render import render
from watchbill.cli.dashboards_schema import print_schema

app = typer.Typer(name="dashboards", help="Plan, apply and convert dashboards.", no_args_is_help=True,
                  rich_markup_mode=None)


@app.callback()
def dashboards() -> None:
    """A group; commands are added below: `app.command("import")(import_dashboard)`."""


app.command("plan")(plan_command)
app.command("apply")(apply_command)
app.command("history")(history_command)
app.command("rollback")(rollback_command)
app.command("convert")(convert_dashboards)
app.command("import")(import_dashboards)
app.command()(render)
app.command("schema")(print_schema)
