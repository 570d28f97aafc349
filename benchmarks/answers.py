"""A vendor with ready-made answers, on 127.0.0.1: what it costs to make them is nobody's CPU here, and little."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


class _Server(ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def serving(answer: Callable[[int], bytes | None], asks: str, content_type: str) -> Iterator[str]:
    """Its address. A request is answered by the number that the pattern `asks` finds in its body; None is a 404."""
    pattern = re.compile(asks.encode())

    class Handler(StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            while (size := self._size()) is not None:  # clients keep the connection, as they do with the vendors
                found = pattern.search(self.rfile.read(size))
                content = answer(int(found[1])) if found else None
                status = "404 Not Found" if content is None else "200 OK"
                self.wfile.write(f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n"
                                 f"Content-Length: {len(content or b'')}\r\n\r\n".encode() + (content or b""))

        def _size(self) -> int | None:
            """Of the next request's body; None where the client is gone."""
            size = 0
            while line := self.rfile.readline():
                if line == b"\r\n":
                    return size
                if line[:15].lower() == b"content-length:":
                    size = int(line[15:])
            return None

    server = _Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
