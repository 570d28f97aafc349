"""What a run takes from the environment of whoever started it."""

import os
from collections.abc import Mapping

FOREIGN = ("AIRFLOW_", "_AIRFLOW_", "WATCHBILL_", "AWS_", "BOTO_", "DD_", "DATADOG_", "PG", "PYTHONDONTWRITE")
HERE = "127.0.0.1,localhost"


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """All but what would change a run: no settings of Airflow, of a cloud or of a database, and no proxy to ourselves.

    Nor can anything in a run find a real account: the files of the AWS tools stay closed.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith(FOREIGN)}
    direct = ",".join(filter(None, (environ.get("no_proxy") or environ.get("NO_PROXY"), HERE)))
    return kept | {
        "NO_PROXY": direct, "no_proxy": direct,
        "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true",
    }
