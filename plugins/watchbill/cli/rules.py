"""`watchbill rules`: everything about rules but their evaluation at each tick."""

import typer

from watchbill.cli.rules_import import import_rules

app = typer.Typer(name="rules", help="Bring rules along.", no_args_is_help=True, rich_markup_mode=None)
app.command("import")(import_rules)
