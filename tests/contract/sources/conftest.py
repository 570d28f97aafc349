from tests.sandbox_fixtures import sandbox, sandbox_server

__all__ = ["sandbox", "sandbox_server"]
