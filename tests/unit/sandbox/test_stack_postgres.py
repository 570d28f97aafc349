"""The embedded PostgreSQL starts wherever the project was cloned to, and only its user may open it."""

import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.stack import processes
from sandbox.stack.postgres import PLAIN, Postgres, socket_folder
from sandbox.stack.processes import CannotStart
from tests.stack_parts import alive_in


def test_a_short_and_plain_folder_holds_its_socket_itself():
    assert socket_folder(Path("/home/me/watchbill/.run/postgres")) == Path("/home/me/watchbill/.run/postgres")


@pytest.mark.parametrize("folder", [
    "/home/me/my projects/watchbill/.run/postgres", "/srv/" + "long/" * 20 + "postgres", "/home/müller/.run/postgres",
    "/a,b/postgres", "/a?b&c=d/postgres", "/a%20b/postgres", "/a'b\"c/postgres",
])
def test_any_other_folder_has_a_short_name_for_its_socket_always_the_same(folder: str):
    found = socket_folder(Path(folder))
    assert found == socket_folder(Path(folder))
    assert found != socket_folder(Path(folder + "2"))
    assert len(str(found / ".s.PGSQL.5432")) <= 103
    assert PLAIN.fullmatch(str(found))


def test_a_long_folder_for_temporary_files_is_not_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", "/var/" + "folders/" * 12)
    assert socket_folder(Path("/a b")).parent == Path("/tmp")


@pytest.fixture
def odd_folder(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    folder = tmp_path / request.param
    folder.mkdir(parents=True, mode=0o700)
    yield folder
    processes.end(folder)


@pytest.mark.server
@pytest.mark.parametrize("odd_folder", ["with a space, and = 100 %", "long/" * 30], indirect=True)
def test_the_server_starts_in_any_folder_and_leaves_nothing(odd_folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LC_ALL", "xx_XX.ISO-8859-15")  # no such locale is installed
    server = Postgres(odd_folder)
    server.start()
    socket = server.socket_folder / ".s.PGSQL.5432"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    with psycopg.connect(f"postgresql://postgres@/watchbill?host={server.socket_folder}") as connection:
        row = connection.execute("SELECT current_setting('listen_addresses'), current_setting('server_encoding')")
        assert row.fetchone() == ("", "UTF8")
    assert processes.end(odd_folder) == 1
    server.clean()
    assert alive_in(odd_folder) == []
    assert not server.socket_folder.exists()


@pytest.mark.server
def test_a_folder_that_cannot_hold_a_database_is_one_sentence(tmp_path: Path):
    (tmp_path / "postgres").write_text("a file")
    with pytest.raises(CannotStart, match=r"PostgreSQL could not make its files in .*/postgres \("):
        Postgres(tmp_path).start()
    assert alive_in(tmp_path) == []
