from tests.unit.declare.folder import include  # noqa: F401
