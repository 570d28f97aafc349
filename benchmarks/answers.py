"""A vendor with ready-made answers, on 127.0.0.1: what it costs to make them is nobody's CPU here."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def serving(answer: Callable[[int], bytes | None], asks: str, content_type: str) -> Iterator[str]:
    """Its address. A request is answered by the number that the pattern `asks` finds in its body; None is a 404."""
    pattern = re.compile(asks.encode())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # clients keep the connection, as they do with the vendors
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            found = pattern.search(self.rfile.read(int(self.headers["Content-Length"])))
            content = answer(int(found[1])) if found else None
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Nothing: standard error is for what goes wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
