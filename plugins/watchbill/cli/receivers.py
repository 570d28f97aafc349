"""`watchbill receivers`: whether those who are to be told can be told."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchbill.cli.airflow_output import airflow_on_stderr
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import print_json, shown
from watchbill.cli.silence import Author
from watchbill.declare.load import load_alerting
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import ChannelKind
from watchbill.model.failures import WatchbillError

if TYPE_CHECKING:
    from watchbill.flows.try_receiver import Tried

app = typer.Typer(name="receivers", help="Try the receivers of alerting.yaml.", no_args_is_help=True,
                  rich_markup_mode=None)


@app.callback()
def receivers() -> None:
    """A group, though it has one command."""


@app.command("test")
def try_one(
    author: Author,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The receiver.")],
    end: Annotated[bool, typer.Option(
        "--end", help="Tell the end too, where the channel has send_resolved.")] = False,
    include: Include = HERE, as_json: Json = False,
) -> None:
    """Send a test message to every channel of a receiver.

    Through the real connections, with its templates and a sample picture, marked TEST, and past ledger and routing.
    The exit code is 1 where a channel did not take it.
    """
    with told_errors():
        channels = _channels(load_alerting(include, os.environ), name)
        with airflow_on_stderr():
            from watchbill.flows.try_receiver import try_receiver
            from watchbill.on_airflow.connections import outside_of_tasks
            from watchbill.on_airflow.senders import Sender

            found = []
            with outside_of_tasks():
                for one in try_receiver(name, channels, Sender(), author=author, now=datetime.now(UTC), end=end):
                    found.append(one)
                    if not as_json:
                        typer.echo(shown(_line(one)), err=True)
    if as_json:
        print_json([_told(one) for one in found])
    if any(one.answer is None for one in found):
        raise typer.Exit(1)


def _channels(alerting: Alerting, name: str) -> Any:
    names = [one.name for one in alerting.receivers]
    if name not in names:
        raise WatchbillError(f"alerting.yaml has no receiver {name!r}; there are {', '.join(names)}")
    found = alerting.channels(name)
    if not found:
        raise WatchbillError(f"the receiver {name!r} has no channel: nobody would be told")
    return found


def _line(one: "Tried") -> str:
    where: tuple[ChannelKind, str] = (one.channel.kind, one.channel.target)
    said = f"sent {dict(one.answer)}" if one.answer is not None else f"NOT SENT: {one.error}"
    return f"{' '.join(where)} ({one.status}): {said}"


def _told(one: "Tried") -> dict[str, Any]:
    return {"channel": one.channel.kind, "target": one.channel.target, "status": one.status,
            "answer": None if one.answer is None else dict(one.answer), "error": one.error or None}
