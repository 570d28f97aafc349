"""What Airflow asks an installed provider: the connection type that it does not bring itself."""

from typing import Any

import watchbill


def info() -> dict[str, Any]:
    """Airflow's provider description (entry point `apache_airflow_provider`)."""
    return {
        "package-name": "watchbill",
        "name": "Watchbill",
        "description": "Monitoring and alerting as Airflow DAGs",
        "versions": [watchbill.__version__],
        "connection-types": [
            {
                "connection-type": "datadog",
                "hook-class-name": "watchbill.on_airflow.hooks.datadog.DatadogHook",
                "hook-name": "Datadog",
            }
        ],
    }
