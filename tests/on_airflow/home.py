"""An Airflow home for the tests of this process. Imported before Airflow is, which reads it once.

Whatever the machine has set for another Airflow is taken away, so that no test reaches it.
"""

import atexit
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
USER, PASSWORD = "watchbill", "of the one who reads Airflow's API"
BUNDLES = {"dags-folder": ROOT / "dags", "tests": Path(__file__).parent / "dags"}


def _environment(home: Path) -> dict[str, str]:
    bundles = [{"name": name, "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
                "kwargs": {"path": str(path)}} for name, path in BUNDLES.items()]
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({USER: PASSWORD}))
    return {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles),
        "AIRFLOW__API_AUTH__JWT_SECRET": "of no use outside of these tests, and long enough for it",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


if "airflow" in sys.modules:
    raise RuntimeError("Airflow was imported before its home was made: import tests.on_airflow.home first")
for _name in [name for name in os.environ if name.startswith("AIRFLOW_")]:
    del os.environ[_name]
HOME = Path(tempfile.mkdtemp(prefix="watchbill-airflow-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ.update(_environment(HOME))
