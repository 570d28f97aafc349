"""Airflow's own API server over the tests' database, in a thread of this process."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from tests.on_airflow.running import prepare_database


@contextmanager
def serving() -> Iterator[int]:
    """Its port on 127.0.0.1."""
    from airflow.api_fastapi.app import create_app

    prepare_database()
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app("core"), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()
