"""`watchbill`: declarations, lake and routes from a terminal. Arguments in, text or JSON and an exit code out."""

import os
from collections.abc import Sequence

from watchbill.model.collector import uncollected


def main(arguments: Sequence[str] | None = None) -> None:
    """Those of the process, where none are given. Ends in SystemExit."""
    # Our models have no plugins, and pydantic would look for some in every package that is installed: 50 ms.
    # docs.pydantic.dev/latest/concepts/plugins
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    with uncollected():
        from watchbill.cli.app import app
    app(arguments, prog_name="watchbill")
