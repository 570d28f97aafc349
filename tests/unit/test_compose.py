"""docker-compose.yaml, checked without an engine: the vendor's schema, and what that schema does not see."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sandbox import credentials

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yaml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
EXAMPLE = (ROOT / ".env.example").read_text()
VARIABLE = re.compile(r"(?<!\$)\$(?:\{(\w+)([^}]*)\}|(\w+))")
SECRET = re.compile(r"PASSWORD|SECRET|KEY|TOKEN|CONN")


def variables():
    """Every variable that Compose fills in, with what stands behind its name."""
    uncommented = "\n".join(line for line in TEXT.splitlines() if not line.lstrip().startswith("#"))
    return [(found[1] or found[3], found[2] or "") for found in VARIABLE.finditer(uncommented)]


def test_the_vendors_schema_accepts_it():
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [program, "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yaml"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_only_for_services_that_there_are(name):
    waits_for = SERVICES[name].get("depends_on", {})
    assert set(waits_for) <= set(SERVICES) - {name}
    for other, how in waits_for.items():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert (other, how["condition"]) == ("init", "service_completed_successfully")


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"init"}))
def test_every_service_that_stays_has_a_healthcheck_and_comes_back(name):
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_this_machine_alone(name):
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{\w+:-\d+\}:\d+", port)


def test_no_secret_has_a_default():
    secrets = [(name, rest) for name, rest in variables() if SECRET.search(name)]
    for name, rest in secrets:
        assert rest in (f":?set {name} in .env", ":-"), f"{name} has a default"
        assert rest != ":-" or name.startswith("AIRFLOW_CONN_")
    assert len({name for name, _ in secrets}) == 10


def test_no_value_is_a_password_written_out():
    written = re.findall(r"://[^:/\s]*:([^@\s]*)@", TEXT)
    settings = [(name, str(value)) for service in SERVICES.values()
                for name, value in service.get("environment", {}).items() if SECRET.search(name)]
    values = written + [value for name, value in settings if not name.endswith(("_FILE", "_CONN_NAMES"))]
    assert len(values) > 10
    assert all("${" in value for value in values)


def test_the_example_names_every_variable_and_has_no_value():
    assigned = dict(re.findall(r"^(\w+)=(.*)$", EXAMPLE, re.MULTILINE))
    assert set(assigned) == {name for name, _ in variables()}
    assert set(assigned.values()) == {""}


def test_the_connections_shown_in_the_example_can_be_read():
    lines = re.findall(r"^#\s+('\{.*\}')$", EXAMPLE, re.MULTILINE)
    shown = [json.loads(shlex.split(line)[0]) for line in lines]
    assert [connection["conn_type"] for connection in shown] == ["aws", "datadog", "slack"]


def test_env_files_stay_out_of_git_and_of_the_image():
    assert ".env" in (ROOT / ".gitignore").read_text().split()
    assert (ROOT / ".dockerignore").read_text().split()[0] == "*"


@pytest.mark.parametrize("name", SERVICES)
def test_every_volume_is_declared_or_lies_in_the_project(name):
    for volume in SERVICES[name].get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith("./"):
            assert (ROOT / source).is_dir()
            assert volume.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]


def test_the_image_is_built_from_the_locks_on_the_locked_airflow():
    dockerfile = COMPOSE["x-build"]["dockerfile_inline"]
    [locked] = re.findall(r"^apache-airflow==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert f"FROM apache/airflow:{locked}-python3.11 AS watchbill" in dockerfile
    installs = re.findall(r"pip install .*-r", dockerfile)
    assert len(installs) == 2
    assert all("--require-hashes" in install for install in installs)
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    copied = {path for line in re.findall(r"^COPY (.*)$", dockerfile, re.MULTILINE)
              for path in line.split()[:-1] if not path.startswith("--")}
    assert copied == allowed


def test_the_ledger_is_another_database_than_airflows():
    environment = COMPOSE["x-environment"]
    ledger, airflow = (environment[name].rpartition("/")[2] for name in (
        "AIRFLOW_CONN_WATCHBILL_LEDGER", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"))
    assert (ledger, airflow) == ("watchbill", "airflow")
    assert f"CREATE DATABASE {ledger} OWNER watchbill" in COMPOSE["configs"]["ledger"]["content"]


def test_the_sandbox_starts_only_when_it_is_asked_for():
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["sandbox"]
    assert SERVICES["sandbox"]["profiles"] == ["sandbox"]
    assert not any("sandbox" in service.get("depends_on", {}) for service in SERVICES.values())


def test_the_connections_in_the_handbook_open_the_sandbox():
    handbook = (ROOT / "docs" / "operations.md").read_text()
    lines = dict(re.findall(r"^(AIRFLOW_CONN_\w+)='(.*)'$", handbook, re.MULTILINE))
    aws, datadog, slack = (json.loads(lines[f"AIRFLOW_CONN_{name}"]) for name in (
        "AWS_DEFAULT", "DATADOG_DEFAULT", "SLACK_API_DEFAULT"))
    assert aws["login"] == credentials.AWS_ACCESS_KEY_ID
    assert aws["password"] == credentials.AWS_SECRET_ACCESS_KEY
    assert (aws["extra"]["region_name"], aws["extra"]["from_email"]) == (
        credentials.AWS_REGION, credentials.SES_SENDER)
    assert datadog["password"] == credentials.DATADOG_API_KEY
    assert datadog["extra"]["app_key"] == credentials.DATADOG_APPLICATION_KEY
    assert slack["password"] == credentials.SLACK_BOT_TOKEN
    options = SERVICES["sandbox"]["command"]
    ports = {f"sandbox:{options[options.index(name) + 1]}" for name in ("--port", "--aws-port")}
    assert set(re.findall(r"http://(sandbox:\d+)", "".join(lines.values()))) == ports
