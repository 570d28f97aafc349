"""What Watchbill adds to Airflow's web server: the forms that messages link to. Every component imports this."""

from airflow.plugins_manager import AirflowPlugin

from watchbill.on_airflow import forms
from watchbill.on_airflow.forms.login import with_login


class WatchbillPlugin(AirflowPlugin):
    name = "watchbill"
    fastapi_apps = [{"app": with_login, "url_prefix": forms.PREFIX, "name": "Watchbill's forms"}]  # noqa: RUF012
