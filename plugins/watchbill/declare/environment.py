"""Settings that the environment overrides, as Airflow's AIRFLOW__SECTION__KEY: variables in, a document out.

WATCHBILL__TICK=60s stands for `tick: 60s`, WATCHBILL__SOURCES__CLOUDWATCH__DELAY=0s for the nested key.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from watchbill.declare.document import Document

_PREFIX = "WATCHBILL__"


def overridden(document: Document, environ: Mapping[str, str]) -> Document:
    """The same document with the variables' values; what is wrong with them is said of the variable."""
    data: dict[str, Any] = deepcopy(document.data)
    variables = dict(document.variables)
    for name in sorted(environ):
        if name.startswith(_PREFIX):
            path = tuple(name.removeprefix(_PREFIX).lower().split("__"))
            _put(data, path, environ[name])
            variables[path] = name
    return replace(document, data=data, variables=variables)


def _put(data: dict[str, Any], path: tuple[str, ...], text: str) -> None:
    for part in path[:-1]:
        inner = data.get(part)
        data[part] = inner if isinstance(inner, dict) else {}
        data = data[part]
    data[path[-1]] = text
