"""What Watchbill adds to Airflow: the forms that messages link to, and what is imported before tasks are forked.

Every component of Airflow imports this.
"""

from airflow.plugins_manager import AirflowPlugin

from watchbill.on_airflow import forms, preload
from watchbill.on_airflow.forms.login import with_login


class WatchbillPlugin(AirflowPlugin):
    name = "watchbill"
    fastapi_apps = [{"app": with_login, "url_prefix": forms.PREFIX, "name": "Watchbill's forms"}]  # noqa: RUF012
    listeners = [preload]  # noqa: RUF012
