from tests.sandbox_fixtures import sandbox, sandbox_server  # noqa: F401
