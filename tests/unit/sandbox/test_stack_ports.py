"""The ports of a run: which, and one sentence where one cannot be had."""

import socket

import pytest

from sandbox.stack.ports import ports_from, require_free
from sandbox.stack.processes import CannotStart


def test_each_port_has_a_default_and_a_variable():
    assert ports_from({}) == {"airflow": 8080, "sandbox": 8090, "aws": 8091}
    environ = {"WATCHBILL_AIRFLOW_PORT": "1", "WATCHBILL_SANDBOX_PORT": "65535", "WATCHBILL_AWS_PORT": ""}
    assert ports_from(environ) == {"airflow": 1, "sandbox": 65535, "aws": 8091}


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.5", "８０８０"])
def test_what_is_no_port_is_named_with_its_variable(text: str):
    with pytest.raises(CannotStart) as raised:
        ports_from({"WATCHBILL_AWS_PORT": text})
    assert str(raised.value) == f"WATCHBILL_AWS_PORT is {text!r}: write a port from 1 to 65535"


def test_two_components_cannot_have_one_port():
    with pytest.raises(CannotStart, match="WATCHBILL_AWS_PORT is 8080, which another component has"):
        ports_from({"WATCHBILL_AWS_PORT": "8080"})


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_is_named_with_the_variable_to_change_it(host: str):
    with socket.create_server((host, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart) as raised:
            require_free({"sandbox": port})
    other = port + 1000 if port < 64_000 else port - 1000
    assert str(raised.value) == (f"port {port} on 127.0.0.1 is taken: end what listens there, or choose another "
                                 f"with WATCHBILL_SANDBOX_PORT={other}")


def test_a_port_that_was_used_a_moment_ago_is_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            server.accept()[0].close()
            client.recv(1)
    require_free({"airflow": port})
