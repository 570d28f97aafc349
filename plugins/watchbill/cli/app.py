"""Every command in one place."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from watchbill import __version__
from watchbill.cli.check import check
from watchbill.cli.doctor import doctor

_GROUPS = ("alerts", "backfill", "dashboards", "lake", "metrics", "outbox", "receivers", "reports", "routes", "rules",
           "silence")


class _Commands(TyperGroup):
    """A group is imported when it is called by its name: a check need not wait for what only the lake's needs."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands:
            # Of a word that is no name, click looks for the nearest among all.
            self._import((cmd_name,) if cmd_name in _GROUPS else _GROUPS)
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        self._import(_GROUPS)
        return super().list_commands(ctx)

    def _import(self, groups: tuple[str, ...]) -> None:
        for name in groups:
            self.commands[name] = typer.main.get_group(import_module(f"watchbill.cli.{name}").app)


app = typer.Typer(help="Monitoring and alerting as Airflow DAGs.", no_args_is_help=True, rich_markup_mode=None,
                  add_completion=False, pretty_exceptions_enable=False, cls=_Commands,
                  context_settings={"help_option_names": ["-h", "--help"]})
app.command()(check)
app.command()(doctor)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"watchbill {__version__}")
