"""`watchbill rules`: everything about rules but their evaluation at each tick."""

import typer

from watchbill.cli.rules_backtest import backtest
from watchbill.cli.rules_import import import_rules
from watchbill.cli.rules_test import try_rules

app = typer.Typer(name="rules", help="Try rules before they wake anybody, and bring rules along.",
                  no_args_is_help=True, rich_markup_mode=None)
app.command()(backtest)
app.command("test")(try_rules)
app.command("import")(import_rules)
