"""A bucket that may be read and not written to: every write is told, and what was there stays."""

import http.client
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest

from tests.contract.lake.conftest import BUCKET, open_at
from tests.unit.lake.given import a_series, by_minute, minute, points, window
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError

ONE = a_series(service="checkout")
DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
UNTOUCHED = {"connection", "transfer-encoding", "date", "server"}


@pytest.fixture
def read_only(bucket: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """The same bucket behind a policy without s3:PutObject."""
    behind = bucket["endpoint_override"].removeprefix("http://")

    class Policy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(403, {"Content-Type": "application/xml"}, DENIED)

        def do_GET(self) -> None:
            asked = http.client.HTTPConnection(behind)
            asked.request(self.command, self.path, headers=dict(self.headers))
            found = asked.getresponse()
            kept = {name: value for name, value in found.getheaders() if name.lower() not in UNTOUCHED}
            self.answer(found.status, kept, found.read())
            asked.close()

        def do_HEAD(self) -> None:
            self.do_GET()

        def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            length = headers.get("Content-Length", headers.get("content-length", "0"))
            self.send_header("Content-Length", length if self.command == "HEAD" else str(len(body)))
            self.end_headers()
            self.wfile.write(body if self.command != "HEAD" else b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Policy)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield {**bucket, "endpoint_override": f"http://127.0.0.1:{server.server_address[1]}"}
    server.shutdown()
    thread.join()
    server.server_close()


def tell(lake: Lake, values: dict[float, float], at: float, own: bool) -> None:
    lake.update("cloudwatch", window(0, 5), "a", points((ONE, values)), [ONE], collected_at=minute(at), own=own)


@pytest.mark.parametrize("own", [True, False])
def test_a_put_that_is_refused_is_told_and_what_was_there_stays(
        tmp_path: Path, bucket: Mapping[str, str], read_only: Mapping[str, str], own: bool) -> None:
    url = f"s3://{BUCKET}/{uuid4()}"
    lake, refused = open_at((url, tmp_path, bucket)), open_at((url, tmp_path, read_only))
    tell(lake, {0.0: 1.0}, 5, own)
    before = lake.stats()
    assert by_minute(refused.read([ONE], window(0, 5))) == {0.0: 1.0}
    with pytest.raises(LakeError, match=r"cannot be written: .*(ACCESS_DENIED|AccessDenied|Access Denied)") as told:
        tell(refused, {0.0: 2.0, 1.0: 3.0}, 6, own)
    assert "\n" not in str(told.value)
    assert lake.stats() == before
    tell(lake, {0.0: 2.0, 1.0: 3.0}, 7, own)
    assert by_minute(lake.read([ONE], window(0, 5))) == {0.0: 2.0, 1.0: 3.0}
