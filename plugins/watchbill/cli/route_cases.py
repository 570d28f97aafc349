"""Many routing trees at once, for `watchbill routes test --cases`: a JSON file in, receivers for each case out.

Of each configuration only the tree counts, so that an alertmanager.yml can be tried as it is.
"""

import json
import sys
from pathlib import Path
from typing import Any

from watchbill.alerts.routing import tree
from watchbill.declare.document import as_written
from watchbill.declare.explain import validated
from watchbill.declare.reader import read_document
from watchbill.model.alerting import Alerting
from watchbill.model.failures import DeclarationError, WatchbillError

_KEYS = ("route", "time_intervals", "mute_time_intervals")


def read_cases(file: Path) -> list[tuple[str, Any]]:
    """Each case with its name. Raises WatchbillError."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text()
        cases = json.loads(text)
    except (OSError, ValueError) as error:
        raise WatchbillError(f"{file} cannot be read: {error}") from None
    if not isinstance(cases, list):
        raise WatchbillError(f"{file} is no JSON list of cases")
    return [(f"case {place}", case) for place, case in enumerate(cases)]


def receivers(case: tuple[str, Any]) -> list[str]:
    """In the order of the tree, repeats kept. Raises WatchbillError, DeclarationError."""
    name, given = case
    config = given.get("config_yaml") if isinstance(given, dict) else None
    labels = given.get("labels") if isinstance(given, dict) else None
    if not isinstance(config, str) or not isinstance(labels, dict):
        raise WatchbillError(f"{name}: is no object with `config_yaml` and `labels`")
    alert = {str(label): str(value) for label, value in labels.items()}
    return [matched.receiver for matched in tree(_alerting(name, config).route).match(alert)]


def _alerting(name: str, config: str) -> Alerting:
    document = read_document(name, config)
    if document.findings:
        raise DeclarationError(document.findings)
    data = as_written(document)
    data = data if isinstance(data, dict) else {}
    found = data.get("receivers")
    names = [{"name": one.get("name")} for one in (found if isinstance(found, list) else []) if isinstance(one, dict)]
    made = validated(Alerting, {**{key: data[key] for key in _KEYS if key in data}, "receivers": names}, document)
    if isinstance(made, list):
        raise DeclarationError(made)
    return made
