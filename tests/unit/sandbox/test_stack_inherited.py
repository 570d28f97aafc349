"""A run is the same whatever its user's environment holds."""

from sandbox.stack.inherited import inherited


def test_settings_of_airflow_of_clouds_and_of_databases_stay_outside():
    environ = {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor", "AIRFLOW_HOME": "/home/me/airflow", "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
        "WATCHBILL_INCLUDE": "/mine", "WATCHBILL__TICK": "1h",
        "AWS_PROFILE": "production", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_ENDPOINT_URL": "https://localstack",
        "DD_API_KEY": "real", "DATADOG_API_KEY": "real", "PGHOST": "db.example.com", "PGPORT": "6432",
        "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/home/me", "LANG": "de_DE.UTF-8",
    }
    assert inherited(environ) == {
        "HOME": "/home/me", "LANG": "de_DE.UTF-8", "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost",
        "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_a_proxy_is_not_asked_for_this_machine():
    kept = inherited({"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "intranet"})
    assert (kept["HTTP_PROXY"], kept["no_proxy"]) == ("http://proxy:3128", "intranet,127.0.0.1,localhost")
