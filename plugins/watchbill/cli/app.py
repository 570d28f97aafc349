"""Every command in one place."""

import typer

from watchbill import __version__
from watchbill.cli import (
    alerts,
    backfill,
    dashboards,
    lake,
    metrics,
    outbox,
    receivers,
    reports,
    routes,
    rules,
    silence,
)
from watchbill.cli.check import check
from watchbill.cli.doctor import doctor
from watchbill.cli.preview import preview

app = typer.Typer(help="Monitoring and alerting as Airflow DAGs.", no_args_is_help=True, rich_markup_mode=None,
                  add_completion=False, pretty_exceptions_enable=False,
                  context_settings={"help_option_names": ["-h", "--help"]})
app.command()(check)
app.command()(doctor)
alerts.app.command()(preview)
app.add_typer(alerts.app)
app.add_typer(backfill.app)
app.add_typer(dashboards.app)
app.add_typer(lake.app)
app.add_typer(metrics.app)
app.add_typer(outbox.app)
app.add_typer(receivers.app)
app.add_typer(reports.app)
app.add_typer(routes.app)
app.add_typer(rules.app)
app.add_typer(silence.app)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"watchbill {__version__}")
