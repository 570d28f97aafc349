"""What Watchbill adds to Airflow: the forms that messages link to, and what is imported before tasks are forked.

Every component of Airflow imports this.
"""

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from watchbill.on_airflow import forms
from watchbill.on_airflow.forms.login import with_login
from watchbill.on_airflow.preload import preload_where_wanted


class WatchbillPlugin(AirflowPlugin):
    name = "watchbill"
    fastapi_apps = [{"app": with_login, "url_prefix": forms.PREFIX, "name": "Watchbill's forms"}]  # noqa: RUF012

    @classmethod
    def on_load(cls, *_: Any, **__: Any) -> None:
        """Not a listener's `on_starting`: with any listener, Airflow refuses DAGs with `end_from_trigger=True`."""
        preload_where_wanted()
