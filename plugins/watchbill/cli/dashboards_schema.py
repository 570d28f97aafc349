"""`watchbill dashboards schema`: what editors need to complete and check files of dashboards."""

from typing import Annotated

import typer

from watchbill.cli.printing import print_json
from watchbill.declare.dashboard_schema import dashboard_schema, template_schema


def print_schema(
    templates: Annotated[bool, typer.Option("--templates", help="Of files of dashboards/templates/ instead.")] = False,
) -> None:
    """Print the JSON Schema of dashboards, for editors.

    Keep it beside them and name it in the first line of each: `# yaml-language-server: $schema=../dashboard.json`
    """
    print_json(template_schema() if templates else dashboard_schema())
