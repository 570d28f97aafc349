"""The ledger of a command: the one that the settings name, and a sentence where there is none."""

import json
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.postgres import postgres_server, postgres_url  # noqa: F401 - fixtures
from watchbill.alerts.ledger import Ledger
from watchbill.cli.ledger_place import open_ledger
from watchbill.model.failures import DeclarationError, LedgerError, WatchbillError


@pytest.fixture
def include(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    (tmp_path / "watchbill.yaml").write_text("ledger: the_ledger\n")
    return tmp_path


def connect(monkeypatch: pytest.MonkeyPatch, **connection: object) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_THE_LEDGER", json.dumps(connection))


def test_the_ledger_is_a_file_of_sqlite(include: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Ledger.open(f"sqlite:///{include}/ledger.db").migrate()
    connect(monkeypatch, conn_type="sqlite", host=f"{include}/ledger.db")
    assert open_ledger(include).alerts() == []


def test_the_ledger_is_a_database_of_postgresql(
    include: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str,  # noqa: F811
) -> None:
    url = make_url(postgres_url)
    socket = {name: str(value) for name, value in url.query.items()}
    connect(monkeypatch, conn_type="postgres", host=url.host, port=url.port, login=url.username,
            password=url.password, schema=url.database, extra=socket)
    assert open_ledger(include).alerts() == []


def test_a_file_that_is_not_there_is_no_empty_ledger(include: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, conn_type="sqlite", host=f"{include}/other.db")
    with pytest.raises(LedgerError, match=r"there is no ledger in .*other\.db: .* 'the_ledger' names another file"):
        open_ledger(include)
    assert not (include / "other.db").exists()


def test_a_database_that_does_not_answer_is_named_without_its_password(
    include: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect(monkeypatch, conn_type="postgres", host="127.0.0.1", port=1, login="me", password="s3cret", schema="wb")
    with pytest.raises(LedgerError, match=r"the ledger refused: .*127\.0\.0\.1") as caught:
        open_ledger(include)
    assert "s3cret" not in str(caught.value)


def test_a_connection_that_is_nowhere_is_a_sentence(include: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{include}/airflow.db")
    with pytest.raises(WatchbillError, match="AIRFLOW_CONN_"):
        open_ledger(include)


def test_settings_that_are_broken_are_told_as_everywhere(include: Path) -> None:
    (include / "watchbill.yaml").write_text("ledgr: the_ledger\n")
    with pytest.raises(DeclarationError, match="ledgr"):
        open_ledger(include)
