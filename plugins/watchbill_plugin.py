"""What Watchbill adds to Airflow's web server: the forms that messages link to. Every component imports this."""

from airflow.plugins_manager import AirflowPlugin

from watchbill.on_airflow import forms


class WatchbillPlugin(AirflowPlugin):
    name = "watchbill"
    fastapi_apps = [{"app": forms.app, "url_prefix": forms.PREFIX, "name": "Watchbill's forms"}]  # noqa: RUF012
