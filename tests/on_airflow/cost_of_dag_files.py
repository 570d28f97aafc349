"""CPU seconds of importing each DAG file, in a process of its own that has Airflow's SDK already. Prints JSON.

A process is forked for each, so that none finds what another has imported; the least of three is taken, as what
else the machine does can only add. A DAG file that connects to anything is refused, and so fails here.
"""

import json
import os
import runpy
import sys
import time

import airflow.sdk  # noqa: F401 - Airflow's own import, which is not counted

TIMES = 3
HEAVY = ("boto3", "botocore", "datadog_api_client", "slack_sdk", "pyarrow", "duckdb", "numpy", "pandas")


def refuse_connections(event: str, args: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "sqlite3.connect"):
        raise RuntimeError(f"a DAG file connects while it is imported: {event} {args!r}")


def measured(path: str) -> dict[str, object]:
    """{"cpu_s": …, "heavy": […]}, from a child."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        sys.addaudithook(refuse_connections)
        before = time.process_time()
        runpy.run_path(path)
        found = {"cpu_s": time.process_time() - before, "heavy": [each for each in HEAVY if each in sys.modules]}
        os.write(writer, json.dumps(found).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        answered: dict[str, object] = json.load(answer)
    os.wait()
    return answered


if __name__ == "__main__":
    json.dump({path: min((measured(path) for _ in range(TIMES)), key=lambda each: each["cpu_s"])
               for path in sys.argv[1:]}, sys.stdout)
