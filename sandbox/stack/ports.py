"""The three ports of a run on 127.0.0.1: which, and whether they are free."""

import errno
import socket
from collections.abc import Mapping

from sandbox.stack.processes import CannotStart

PORTS = {"airflow": 8080, "sandbox": 8090, "aws": 8091}


def variable(name: str) -> str:
    """What to set to have another port."""
    return f"WATCHBILL_{name.upper()}_PORT"


def ports_from(environ: Mapping[str, str]) -> dict[str, int]:
    """The ports to use, by component. Raises CannotStart."""
    found: dict[str, int] = {}
    for name, default in PORTS.items():
        text = environ.get(variable(name)) or str(default)
        if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:
            raise CannotStart(f"{variable(name)} is {text!r}: write a port from 1 to 65535")
        if int(text) in found.values():
            raise CannotStart(f"{variable(name)} is {text}, which another component has: write another port")
        found[name] = int(text)
    return found


def require_free(ports: Mapping[str, int]) -> None:
    """Raises CannotStart naming the first port that cannot be listened on."""
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                trouble = ("is taken: end what listens there, or" if error.errno == errno.EADDRINUSE
                           else f"cannot be listened on ({error.strerror}):")
                other = port + 1000 if port < 64_000 else port - 1000
                raise CannotStart(f"port {port} on 127.0.0.1 {trouble} choose another with "
                                  f"{variable(name)}={other}") from None
